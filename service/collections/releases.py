"""The releases of a collection: what serves, and what served before it."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from catalog.collections import Collections
from catalog.records import ReleaseRecord
from catalog.releases import Releases
from service.access import READ
from service.collections.schemas import ReleasesReply
from service.replies import json_reply
from service.search.answering import release_json
from service.state import State

router = APIRouter(tags=["collections"], dependencies=[READ])


@router.get(
    "/v1/collections/{name}/releases",
    summary="Releases, the newest first",
    response_model=ReleasesReply,
)
def releases(name: str, state: State) -> Response:
    """A release is a snapshot of the collection under one model. The last two are kept: a process
    may still be searching the one before."""
    with state.home.database.read() as connection:
        collection = Collections(connection).get(name)
        found = Releases(connection).recent(collection.id)
    return json_reply(
        {
            "collection": name,
            "releases": [
                {**full_release_json(release), "current": release.id == collection.release_id}
                for release in found
            ],
        }
    )


def full_release_json(release: ReleaseRecord) -> dict[str, Any]:
    """What identifies it, and how it is searched."""
    stamp = release_json(release)
    assert stamp is not None
    return {
        **stamp,
        "count": release.count,
        "recipe": release.recipe,
        "agreement": round(release.agreement, 6),
    }
