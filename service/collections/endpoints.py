"""Collections: several catalogues in one service."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.collections import Collections
from catalog.errors import CollectionUnknown
from embedding.errors import WeightsInvalid
from embedding.fused.balance import Balance
from embedding.fused.weights import parsed_weights
from retrieval.balancing import set_balance
from service.access import CHANGE, READ
from service.collections.describing import described
from service.collections.releases import router as releases
from service.collections.schemas import CollectionReply, CollectionRequest, CollectionsReply
from service.documenting import body_of
from service.errors import CollectionDiffers, InField
from service.reading import checked, read_optional_json
from service.replies import json_reply
from service.state import ServiceState, State

router = APIRouter(tags=["collections"])
router.include_router(releases)

_PATH = "/v1/collections/{name}"


@router.get("/v1/collections", summary="List", response_model=CollectionsReply, dependencies=[READ])
def every(state: State) -> Response:
    with state.home.database.read() as connection:
        names = [collection.name for collection in Collections(connection).all()]
    found = [_described_if_there(name, state) for name in names]
    return json_reply({"collections": [each for each in found if each is not None]})


@router.get(_PATH, summary="Read", response_model=CollectionReply, dependencies=[READ])
def read(name: str, state: State) -> Response:
    return json_reply(described(name, state))


@router.put(
    _PATH,
    summary="Create, or describe",
    response_model=CollectionReply,
    responses={201: {"model": CollectionReply, "description": "It is new."}},
    dependencies=[CHANGE],
    openapi_extra=body_of(json=CollectionRequest),
)
async def put(name: str, request: Request, state: State) -> Response:
    """The body may be left out. Another model for a collection that is there is refused: switching
    means embedding everything again, which is what `POST /v1/jobs` with kind `reindex` does. A
    `balance` takes effect here at once, and elsewhere within the polling interval."""
    wanted = checked(CollectionRequest, await read_optional_json(request))
    created = await state.threads.writing.run(lambda: _stored(name, wanted, state))
    reply = await state.threads.writing.run(lambda: described(name, state))
    return json_reply(reply, status=201 if created else 200)


@router.delete(_PATH, summary="Delete", status_code=204, dependencies=[CHANGE])
def delete(name: str, state: State) -> Response:
    """With all its products, pictures and jobs."""
    with state.home.database.write() as connection:
        collection = Collections(connection).delete(name)
    state.engine.publisher.remove_collection(collection)
    state.keeper.refresh()
    return Response(status_code=204)


def _described_if_there(name: str, state: ServiceState) -> dict[str, Any] | None:
    try:
        return described(name, state)
    except CollectionUnknown:
        # Deleted since the names were read.
        return None


def _stored(name: str, wanted: CollectionRequest, state: ServiceState) -> bool:
    """Whether it was created."""
    try:
        return _store(name, wanted, state)
    except WeightsInvalid as error:
        raise InField("balance", error) from error


def _store(name: str, wanted: CollectionRequest, state: ServiceState) -> bool:
    """Whether it was created."""
    with state.home.database.read() as connection:
        is_new = Collections(connection).find(name) is None
    balance = None if wanted.balance is None else parsed_weights(wanted.balance)
    if is_new and balance is not None:
        # Refused before it is created: half of a request is not done.
        Balance(state.home.store.card(wanted.model or state.settings.model), balance)
    collection = state.home.ensure_collection(name, wanted.model)
    if wanted.model not in (None, collection.model_name):
        raise CollectionDiffers(
            f"Collection {name!r} is there already, with model {collection.model_name!r}. To "
            f'switch it, send POST /v1/jobs {{"kind": "reindex", "collection": "{name}", "model": '
            f'"{wanted.model}"}}, or run `likeness reindex`.'
        )
    if wanted.description is not None:
        with state.home.database.write() as connection:
            Collections(connection).describe(collection.id, wanted.description)
    if "balance" in wanted.model_fields_set:
        set_balance(state.home, name, balance)
        state.keeper.refresh()
    return is_new
