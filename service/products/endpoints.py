"""Products: read, store, delete, and many at once."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.collections import Collections
from catalog.errors import ProductUnknown
from catalog.filters import Filter
from catalog.products import Products
from service.access import CHANGE, READ
from service.documenting import body_of
from service.paths import decoded_id
from service.products.bulk import NDJSON, BulkReply
from service.products.schemas import (
    BulkLine,
    BulkResult,
    DeletedReply,
    OneProductReply,
    ProductPageReply,
    PutForm,
    PutRequest,
    StoredReply,
)
from service.products.storing import picture_files, sent_product, store
from service.reading import check_media_type, read_form_or_json
from service.replies import image_json, json_reply, product_with_images_json
from service.search.schemas import CollectionName, Limit
from service.state import State

router = APIRouter(tags=["products"])

In = Annotated[CollectionName, Query()]
_PATH = "/v1/products/{product_id:path}"


@router.get("/v1/products", summary="List", response_model=ProductPageReply, dependencies=[READ])
def page(
    state: State,
    limit: Annotated[Limit, Query()] = 20,
    offset: Annotated[int, Query(ge=0, lt=2**63, description="How many to pass over.")] = 0,
    filter: Annotated[str | None, Query(description="As of /v1/search, JSON.")] = None,  # noqa: A002
    collection: In = None,
) -> Response:
    """In the order they were added."""
    wanted = Filter.parse(filter)
    name = collection or state.settings.collection
    with state.home.database.read() as connection:
        found = Collections(connection).get(name)
        products = Products(connection).page(found.id, limit=limit, offset=offset, wanted=wanted)
        total = Products(connection).count(found.id, wanted)
    return json_reply(
        {
            "collection": name,
            "total": total,
            "limit": limit,
            "offset": offset,
            "products": [product_with_images_json(product) for product in products],
        }
    )


@router.post(
    "/v1/products/bulk",
    summary="Store many",
    response_model=BulkResult,
    dependencies=[CHANGE],
    openapi_extra={"requestBody": {"content": {NDJSON: {"schema": BulkLine.model_json_schema()}}}},
)
async def bulk(request: Request, state: State, collection: In = None) -> Response:
    """A stream of JSON Lines, one product a line; the answer has one line for each, in order.

    A line that fails is told and does not stop the others. Results come while the stream is still
    being sent, and need not be read before it ends.
    """
    check_media_type(request, NDJSON, "application/jsonl")
    return BulkReply(request, state, collection or state.settings.collection)


@router.get(_PATH, summary="Read", response_model=OneProductReply, dependencies=[READ])
def read(product_id: str, state: State, collection: In = None) -> Response:
    name = collection or state.settings.collection
    with state.home.database.read() as connection:
        found = Collections(connection).get(name)
        product = Products(connection).get(found.id, decoded_id(product_id))
    return json_reply({"collection": name, "product": product_with_images_json(product)})


@router.put(
    _PATH,
    summary="Store",
    response_model=StoredReply,
    responses={201: {"model": StoredReply, "description": "It is new."}},
    dependencies=[CHANGE],
    openapi_extra=body_of(
        form=PutForm,
        files={"image": "Its pictures, in order."},
        texts={"image_url": "Public addresses of pictures."},
        json=PutRequest,
    ),
)
async def put(product_id: str, request: Request, state: State) -> Response:
    """The product as it shall be from now on: fields left out are cleared, but with no picture in
    the request those it has stay. Answered once it is committed, and searchable from then on."""
    sent = sent_product(decoded_id(product_id), await read_form_or_json(request), state)
    with state.writes.one():
        files = await picture_files(sent.pictures, state)
        stored = await state.threads.writing.run(lambda: store(sent, files, state))
    answer = {
        "collection": sent.collection,
        "sequence": stored.sequence,
        "created": stored.upserted.created,
        "images_added": stored.upserted.images_added,
        "images_removed": stored.upserted.images_removed,
        "product": product_with_images_json(stored.product),
    }
    if stored.possible_duplicates is not None:
        answer["possible_duplicates"] = [
            {
                "product_id": each.product.external_id,
                "image": image_json(each.theirs),
                "of_image": each.mine.id,
                "kind": each.kind,
                "confidence": round(each.confidence, 4),
            }
            for each in stored.possible_duplicates
        ]
    return json_reply(answer, status=201 if stored.upserted.created else 200)


@router.delete(_PATH, summary="Delete", response_model=DeletedReply, dependencies=[CHANGE])
def delete(product_id: str, state: State, collection: In = None) -> Response:
    """With its pictures; it is found no more once this is answered."""
    name = collection or state.settings.collection
    external_id = decoded_id(product_id)
    with state.home.database.write() as connection:
        locked = Collections(connection).locked(name)
        if not Products(connection).delete(locked, [external_id]):
            raise ProductUnknown(
                f"There is no product {external_id[:80]!r} in collection {name!r}; nothing was "
                "deleted."
            )
        sequence = Collections(connection).get(name).last_sequence
    state.keeper.refresh()
    return json_reply({"collection": name, "sequence": sequence, "deleted": True})
