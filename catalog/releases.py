"""Releases: what is being served. Publishing one is a row and a flip."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from catalog.changes import Changes
from catalog.embeddings import Embeddings
from catalog.errors import EmbeddingsMissing
from catalog.records import CollectionRecord, ReleaseRecord
from catalog.tables import Collection, Release

# A process that has not yet noticed the newest release may still be opening the one before.
KEPT_RELEASES = 2


@dataclass(frozen=True)
class NewRelease:
    """A snapshot that lies ready: which model made it, what it covers, how good it is.

    `snapshot` is the name of its folder; `sequence` the last change it holds; `agreement` its
    recall@10 against exact search, 0..1.
    """

    model_name: str
    model_fingerprint: str
    dimension: int
    snapshot: str
    sequence: int
    count: int
    recipe: str
    agreement: float


class Releases:
    """Reads and writes of the release table, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, release_id: int | None) -> ReleaseRecord | None:
        if release_id is None:
            return None
        row = self._connection.execute(select(Release.__table__).filter_by(id=release_id)).first()
        return None if row is None else _record(row)

    def publish(self, collection: CollectionRecord, release: NewRelease) -> ReleaseRecord:
        """Flip the collection to the release, model included; the row must be locked.

        Changes that the release before already covered are forgotten.

        Raises:
            EmbeddingsMissing: pictures came in which this model has not embedded; embed those
                (they need not be in the snapshot: followers read them as changes) and try again.
        """
        missing = Embeddings(self._connection).missing(
            collection.id, release.model_fingerprint, limit=1
        )
        if missing:
            raise EmbeddingsMissing(
                f"Collection {collection.name!r} holds pictures that {release.model_name!r} has "
                "not embedded yet; run `likeness reindex` again to embed the rest."
            )
        row = self._connection.execute(
            insert(Release)
            .values(
                collection_id=collection.id,
                model_name=release.model_name,
                model_fingerprint=release.model_fingerprint,
                snapshot=release.snapshot,
                sequence=release.sequence,
                count=release.count,
                recipe=release.recipe,
                agreement=release.agreement,
                created_at=datetime.now(UTC),
            )
            .returning(Release.__table__)
        ).one()
        self._connection.execute(
            update(Collection)
            .where(Collection.id == collection.id)
            .values(
                release_id=row.id,
                model_name=release.model_name,
                model_fingerprint=release.model_fingerprint,
                dimension=release.dimension,
            )
        )
        before = self.find(collection.release_id)
        if before is not None:
            # Never past this release: it may be older than the one it follows, when two were built.
            covered = min(before.sequence, release.sequence)
            Changes(self._connection).forget(collection.id, covered)
        return _record(row)

    def recent(self, collection_id: int, *, limit: int = 10) -> list[ReleaseRecord]:
        """The newest first."""
        rows = self._connection.execute(
            select(Release.__table__)
            .where(Release.collection_id == collection_id)
            .order_by(Release.id.desc())
            .limit(limit)
        )
        return [_record(row) for row in rows]

    def retire(self, collection_id: int) -> list[str]:
        """Forget all but the newest releases; the snapshot names nobody needs any more."""
        rows = self._connection.execute(
            select(Release.id, Release.snapshot)
            .where(Release.collection_id == collection_id)
            .order_by(Release.id.desc())
            .offset(KEPT_RELEASES)
            .limit(1000)
        ).all()
        if rows:
            self._connection.execute(delete(Release).where(Release.id.in_([r[0] for r in rows])))
        return [row[1] for row in rows]

    def snapshots(self) -> set[str]:
        """The snapshot names of every release of every collection."""
        return {row[0] for row in self._connection.execute(select(Release.snapshot))}


def _record(row: Row[Any]) -> ReleaseRecord:
    return ReleaseRecord(**row._mapping)
