"""Keeping searchable indexes in step with the database: snapshot + live delta - deleted.

Each process follows the change sequence of the collections it serves. A change of release (a new
snapshot, perhaps of another model) is opened aside and swapped in whole, so that a query meets one
model and one index that belong together.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.changes import Changes
from catalog.collections import Collections, CollectionState
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import CatalogError, CollectionUnknown
from catalog.records import CollectionRecord, ReleaseRecord
from catalog.releases import Releases
from embedding.calibration_files import Stamp
from embedding.card import ModelCard
from embedding.errors import EmbeddingError
from embedding.fused.balance import Balance
from retrieval.batching import BatchingEmbedder
from retrieval.errors import ModelMismatch, RetrievalError
from retrieval.models import LoadedModels
from retrieval.releases import ReleasePublisher, open_release
from vector_index.errors import VectorIndexError
from vector_index.exact import ExactIndex
from vector_index.live import LiveIndex
from vector_index.recipes import AnyIndex

logger = logging.getLogger(__name__)

CHANGES_AT_ONCE = 2000
_FORESEEN = (CatalogError, EmbeddingError, RetrievalError, VectorIndexError)


@dataclass
class Served:
    """What answers the queries of one collection: model and index that belong together.

    `sequence` is the last change applied; `card` is the embedder's with the calibration that the
    store has now, read when it had `card_stamp`. These and `balance` alone move, and only under
    the follower's lock.
    """

    collection_id: int
    name: str
    created_at: datetime
    release: ReleaseRecord | None
    embedder: BatchingEmbedder
    index: LiveIndex
    sequence: int
    balance: Balance
    card: ModelCard
    card_stamp: Stamp


class Follower:
    """Opens collections when they are first asked for, and keeps them current from then on."""

    def __init__(
        self,
        database: Database,
        snapshots: Path,
        models: LoadedModels,
        publisher: ReleasePublisher,
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._models = models
        self._publisher = publisher
        self._served: dict[str, Served] = {}
        self._troubles: dict[str, str] = {}
        self._writing = threading.Lock()

    def served(self, name: str) -> Served:
        """The collection, opened if this is the first time it is asked for.

        Raises:
            CollectionUnknown: there is no such collection.
            ModelMismatch, ModelError: its model is not installed, or is another version.
            DatabaseError.
        """
        found = self._served.get(name)
        if found is not None:
            return found
        with self._writing:
            if name not in self._served:
                self._served[name] = self._opened(name)
                self._troubles.pop(name, None)
            return self._served[name]

    def open_all(self) -> None:
        """Open every collection, so that no first query waits; troubles are kept for `troubles`."""
        with self._database.read() as connection:
            names = [state.name for state in Collections(connection).states()]
        for name in names:
            try:
                self.served(name)
            except Exception as error:
                self._note_trouble(name, error)

    def refresh(self) -> None:
        """Apply what changed since the last time to every collection that is open.

        One collection's trouble does not hold up the others: it goes on serving what it had.
        Raises DatabaseError when the database cannot be asked at all.
        """
        with self._writing:
            with self._database.read() as connection:
                states = {state.name: state for state in Collections(connection).states()}
            for name in self._served.keys() | self._troubles.keys():
                if name not in states:
                    self._served.pop(name, None)
                    self._troubles.pop(name, None)
            for name, served in list(self._served.items()):
                self._bring_up_to_date(name, served, states[name])

    def troubles(self) -> dict[str, str]:
        """collection -> why it is not up to date; empty when all is well."""
        return dict(self._troubles)

    def open_collections(self) -> list[Served]:
        """Those now in memory."""
        return list(self._served.values())

    def _bring_up_to_date(self, name: str, served: Served, state: CollectionState) -> None:
        try:
            if not self._is_current(served, state):
                if _needs_reopening(served, state) or not self._apply_changes(served):
                    self._served[name] = self._opened(name)
                elif served.balance.given != state.balance:
                    served.balance = Balance(served.embedder.card, state.balance)
                self._read_card(self._served[name])
            self._troubles.pop(name, None)
        except CollectionUnknown:
            del self._served[name]
        except Exception as error:
            self._note_trouble(name, error)

    def _is_current(self, served: Served, state: CollectionState) -> bool:
        return (
            not _needs_reopening(served, state)
            and served.sequence == state.last_sequence
            and served.balance.given == state.balance
            and served.card_stamp == self._models.stamp(served.card.name)
        )

    def _read_card(self, served: Served) -> None:
        """Its card again, where it has changed in the store: calibrated, perhaps."""
        stamp = self._models.stamp(served.card.name)
        if stamp != served.card_stamp:
            # The stamp first: a card that changes in between is read again the next time.
            served.card = self._models.calibrated(served.embedder.card)
            served.card_stamp = stamp

    def _note_trouble(self, name: str, error: Exception) -> None:
        if self._troubles.get(name) != str(error):
            # Of what nobody foresaw, whoever mends it needs the place as well.
            unforeseen = None if isinstance(error, _FORESEEN) else error
            logger.error("collection %r is not up to date: %s", name, error, exc_info=unforeseen)
        self._troubles[name] = str(error)

    def _opened(self, name: str) -> Served:
        with self._database.read() as connection:
            collection = Collections(connection).get(name)
            release = Releases(connection).find(collection.release_id)
        stamp = self._models.stamp(collection.model_name)
        embedder = self._embedder_of(collection)
        base: AnyIndex | None = None
        sequence = 0
        if release is not None:
            base = open_release(self._snapshots, release)
            if base is None:
                release, base, sequence = self._mended(collection, release, embedder)
            else:
                sequence = release.sequence
        served = Served(
            collection_id=collection.id,
            name=name,
            created_at=collection.created_at,
            release=release,
            embedder=embedder,
            index=LiveIndex(base, collection.dimension),
            sequence=sequence,
            balance=Balance(embedder.card, collection.balance),
            card=self._models.calibrated(embedder.card),
            card_stamp=stamp,
        )
        if not self._apply_changes(served):
            # What lies between the snapshot and now was forgotten: start from the database.
            base, served.sequence = self._rebuilt(collection, embedder)
            served.index = LiveIndex(base, collection.dimension)
        return served

    def _embedder_of(self, collection: CollectionRecord) -> BatchingEmbedder:
        embedder = self._models.get(collection.model_name)
        if embedder.card.fingerprint != collection.model_fingerprint:
            raise ModelMismatch(
                f"Collection {collection.name!r} was embedded by another version of model "
                f"{collection.model_name!r} ({collection.model_fingerprint[:12]}…) than the one "
                f"installed ({embedder.card.fingerprint[:12]}…); their vectors do not compare. Run "
                f"`likeness reindex --collection {collection.name} --model "
                f"{collection.model_name}`, or install the former version again."
            )
        return embedder

    def _mended(
        self, collection: CollectionRecord, release: ReleaseRecord, embedder: BatchingEmbedder
    ) -> tuple[ReleaseRecord, AnyIndex, int]:
        """A snapshot that could not be opened, made again; from memory if it cannot be written."""
        try:
            mended = self._publisher.publish(collection.name, embedder.card)
            base = open_release(self._snapshots, mended)
            if base is not None:
                return mended, base, mended.sequence
        except (CatalogError, VectorIndexError) as error:
            logger.error("release %d could not be written again: %s", release.id, error)
        base, sequence = self._rebuilt(collection, embedder)
        return release, base, sequence

    def _rebuilt(
        self, collection: CollectionRecord, embedder: BatchingEmbedder
    ) -> tuple[ExactIndex, int]:
        with self._database.read() as connection:
            now = Collections(connection).get(collection.name)
            ids, vectors = Embeddings(connection).all(
                now.id, embedder.card.fingerprint, embedder.card.dimension
            )
        return ExactIndex.build(ids, vectors), now.last_sequence

    def _apply_changes(self, served: Served) -> bool:
        """Catch up with the sequence; False when some of it has been forgotten."""
        while True:
            # One view of changes and vectors: an upsert whose vector is gone was deleted since.
            with self._database.read() as connection:
                collection = Collections(connection).get(served.name)
                if served.sequence < collection.forgotten_sequence:
                    return False
                changes = Changes(connection).since(
                    served.collection_id, served.sequence, limit=CHANGES_AT_ONCE
                )
                last = {change.image_id: change.kind for change in changes}
                upserts, vectors = _vectors(Embeddings(connection), last, served)
            deletes = np.array(
                [image_id for image_id in last if image_id not in upserts], dtype=np.int64
            )
            if last:
                served.index.apply(np.array(list(upserts), dtype=np.int64), vectors, deletes)
            if len(changes) < CHANGES_AT_ONCE:
                served.sequence = collection.last_sequence
                return True
            served.sequence = changes[-1].sequence


def _needs_reopening(served: Served, state: CollectionState) -> bool:
    return (
        served.collection_id != state.id
        or (None if served.release is None else served.release.id) != state.release_id
        or served.embedder.card.fingerprint != state.model_fingerprint
        # Its file was cut short under us: opening it again finds that out and mends it.
        or not served.index.is_whole()
    )


def _vectors(
    embeddings: Embeddings, last: dict[int, str], served: Served
) -> tuple[dict[int, None], NDArray[np.float32]]:
    """The images to be upserted, in the order of the rows of their vectors (n, dimension)."""
    found = embeddings.of_images(
        [image_id for image_id, kind in last.items() if kind == "upsert"],
        served.embedder.card.fingerprint,
    )
    vectors = np.empty((len(found), served.embedder.card.dimension), dtype=np.float32)
    for row, vector in enumerate(found.values()):
        vectors[row] = vector
    return dict.fromkeys(found), vectors
