"""A collection as it is now: what the database holds, and what this process serves of it."""

from typing import Any

from catalog.collections import Collections
from catalog.records import CollectionRecord
from catalog.releases import Releases
from service.search.answering import release_json
from service.state import ServiceState


def described(name: str, state: ServiceState) -> dict[str, Any]:
    """Raises CollectionUnknown."""
    with state.home.database.read() as connection:
        collections = Collections(connection)
        collection = collections.get(name)
        products, images = collections.counts(collection.id)
        release = Releases(connection).find(collection.release_id)
    stamp = release_json(release)
    if release is not None and stamp is not None:
        stamp |= {
            "count": release.count,
            "recipe": release.recipe,
            "agreement": round(release.agreement, 6),
        }
    trouble = state.engine.follower.troubles().get(name)
    return {
        "name": name,
        "description": collection.description,
        "model": collection.model_name,
        "fingerprint": collection.model_fingerprint,
        "dimension": collection.dimension,
        "balance": collection.balance,
        "products": products,
        "images": images,
        "sequence": collection.last_sequence,
        "delta": _delta(collection, state),
        "release": stamp,
        "trouble": None if trouble is None else state.public(trouble),
        "created_at": collection.created_at.isoformat(),
    }


def _delta(collection: CollectionRecord, state: ServiceState) -> int | None:
    for served in state.engine.follower.open_collections():
        if served.collection_id == collection.id:
            return served.index.delta_size
    return None
