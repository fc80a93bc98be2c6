"""A collection as it is now: what the database holds, and what this process serves of it."""

from typing import Any

from catalog.collections import Collections
from catalog.records import CollectionRecord
from catalog.releases import Releases
from retrieval.following import Served
from retrieval.scoring import HitMeaning, meaning_of_hits
from service.calibrations import hit_calibration
from service.collections.releases import full_release_json
from service.state import ServiceState


def described(name: str, state: ServiceState) -> dict[str, Any]:
    """Raises CollectionUnknown."""
    with state.home.database.read() as connection:
        collections = Collections(connection)
        collection = collections.get(name)
        products, images = collections.counts(collection.id)
        release = Releases(connection).find(collection.release_id)
    served = _served(collection, state)
    trouble = state.engine.follower.troubles().get(name)
    return {
        "name": name,
        "description": collection.description,
        "default": name == state.settings.collection,
        "model": collection.model_name,
        "fingerprint": collection.model_fingerprint,
        "dimension": collection.dimension,
        "balance": collection.balance,
        "products": products,
        "images": images,
        "sequence": collection.last_sequence,
        "delta": None if served is None else served.index.delta_size,
        "release": None if release is None else full_release_json(release),
        "calibration": None if served is None else _calibration(served),
        "uncalibrated_because": None
        if served is None
        else _meaning(served).unknown_because or None,
        "trouble": None if trouble is None else state.public(trouble),
        "created_at": collection.created_at.isoformat(),
    }


def _served(collection: CollectionRecord, state: ServiceState) -> Served | None:
    """None until this process has opened it."""
    return next(
        (
            each
            for each in state.engine.follower.open_collections()
            if each.collection_id == collection.id
        ),
        None,
    )


def _meaning(served: Served) -> HitMeaning:
    return meaning_of_hits(served.card, served.name, served.created_at, served.balance.weights)


def _calibration(served: Served) -> dict[str, Any] | None:
    calibration = _meaning(served).calibration
    return None if calibration is None else hit_calibration(calibration)
