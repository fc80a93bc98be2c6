"""Making, opening and mending releases: from the database to something that can be searched."""

import logging
import secrets
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import CollectionUnknown
from catalog.records import CollectionRecord, ReleaseRecord
from catalog.releases import NewRelease, Releases
from embedding.card import ModelCard
from embedding.fused.balance import fits
from embedding.fused.weights import written
from vector_index.agreement import agreement
from vector_index.errors import VectorIndexError
from vector_index.recipes import AnyIndex, build_index
from vector_index.snapshot import open_snapshot, remove_abandoned, write_snapshot

logger = logging.getLogger(__name__)

AGREEMENT_QUERIES = 200
# A finished snapshot is named by its release in moments; one that is not after this long never is.
_UNNAMED_S = 3600.0


class ReleasePublisher:
    """Builds snapshots from the database and flips collections to them."""

    def __init__(self, database: Database, snapshots: Path) -> None:
        self._database = database
        self._snapshots = snapshots

    def publish(
        self,
        collection_name: str,
        card: ModelCard,
        *,
        flip_model: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> ReleaseRecord:
        """A release of the collection as it is now, under the model; it serves from then on.

        Unless `flip_model`, the model must be the one the collection is on: whoever only makes a
        new snapshot must not undo a flip that came between. The collection's balance stays if the
        model has all of its parts, and is forgotten, with a warning in the log, if it has not.
        `on_stage` is told each stage as it begins: "building", "checking", "publishing".

        Raises:
            CollectionUnknown: it was deleted meanwhile, even if another has its name by now.
            ModelChanged: the collection is on another model, and `flip_model` was not asked for.
            EmbeddingsMissing: pictures came in that the model has not embedded; the release that
                was serving goes on.
            StorageFull, SnapshotUnwritable, DatabaseError: likewise, and nothing is left behind.
        """
        tell = on_stage or _tell_nobody
        tell("building")
        collection, ids, vectors = self._read(collection_name, card)
        index = build_index(ids, vectors)
        tell("checking")
        agreed = agreement(index, ids, vectors, queries=AGREEMENT_QUERIES)
        tell("publishing")
        folder = self._folder(collection, card)
        manifest = write_snapshot(
            folder,
            index,
            model_fingerprint=card.fingerprint,
            sequence=collection.last_sequence,
            agreement=agreed,
        )
        try:
            with self._database.write() as connection:
                locked = Collections(connection).locked(
                    collection_name, model_fingerprint=None if flip_model else card.fingerprint
                )
                _check_same(collection, locked)
                forgotten = None if fits(locked.balance or {}, card) else locked.balance
                if forgotten:
                    Collections(connection).set_balance(locked.id, None)
                release = Releases(connection).publish(
                    locked,
                    NewRelease(
                        model_name=card.name,
                        model_fingerprint=card.fingerprint,
                        dimension=card.dimension,
                        snapshot=str(folder.relative_to(self._snapshots)),
                        sequence=manifest.sequence,
                        count=manifest.count,
                        recipe=manifest.recipe,
                        agreement=manifest.agreement,
                    ),
                )
                retired = Releases(connection).retire(collection.id)
                named = Releases(connection).snapshots()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if forgotten:
            logger.warning(
                "collection %r: its balance %s is forgotten, because model %r lacks some of these "
                "parts. Set another with `likeness balance`.",
                collection_name,
                written(forgotten),
                card.name,
            )
        self._remove(folder.parent, retired, named)
        return release

    def remove_collection(self, collection: CollectionRecord) -> None:
        """The snapshots of a collection that has been deleted."""
        shutil.rmtree(self._snapshots / str(collection.id), ignore_errors=True)

    def _read(
        self, collection_name: str, card: ModelCard
    ) -> tuple[CollectionRecord, NDArray[np.int64], NDArray[np.float32]]:
        # One transaction: the sequence says exactly which vectors were read.
        with self._database.read() as connection:
            collection = Collections(connection).get(collection_name)
            ids, vectors = Embeddings(connection).all(
                collection.id, card.fingerprint, card.dimension
            )
        return collection, ids, vectors

    def _folder(self, collection: CollectionRecord, card: ModelCard) -> Path:
        # By id, not name: a collection deleted and made again must not meet its past.
        name = f"{collection.last_sequence:012d}-{card.fingerprint[:12]}-{secrets.token_hex(3)}"
        return self._snapshots / str(collection.id) / name

    def _remove(self, parent: Path, retired: list[str], named: Collection[str]) -> None:
        """What nobody needs any more, and what publishers killed at their last step left."""
        for snapshot in retired:
            shutil.rmtree(self._snapshots / snapshot, ignore_errors=True)
        remove_abandoned(parent)
        for folder in self._snapshots.glob("*/[!.]*"):
            if str(folder.relative_to(self._snapshots)) not in named and _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    try:
        return folder.stat().st_mtime < time.time() - _UNNAMED_S
    except FileNotFoundError:
        return False


def _check_same(read: CollectionRecord, locked: CollectionRecord) -> None:
    if locked.id != read.id:
        raise CollectionUnknown(
            f"Collection {read.name!r} was deleted, and made anew, while a release of its former "
            "products was being built; that release was given up. Index into the new one."
        )


def _tell_nobody(stage: str) -> None:
    del stage


def open_release(snapshots: Path, release: ReleaseRecord) -> AnyIndex | None:
    """The release's index, or None when its snapshot is missing, torn or of another model.

    None is not the end: the same vectors lie in the database, and `rebuilt` reads them.
    """
    try:
        index, manifest = open_snapshot(
            snapshots / release.snapshot, model_fingerprint=release.model_fingerprint
        )
    except VectorIndexError as error:
        logger.warning("release %d: %s Rebuilding it from the database.", release.id, error)
        return None
    if manifest.sequence != release.sequence:
        logger.warning(
            "release %d: its snapshot covers change %d instead of %d. Rebuilding it from the "
            "database.",
            release.id,
            manifest.sequence,
            release.sequence,
        )
        return None
    return index
