"""The change sequence: how a picture that was just written reaches every serving process."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from catalog.collections import Collections
from catalog.records import CollectionRecord
from catalog.tables import Change, Collection


@dataclass(frozen=True)
class ChangeRecord:
    sequence: int
    kind: str
    image_id: int


class Changes:
    """Reads and writes of the change table, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(
        self,
        collection: CollectionRecord,
        *,
        upserts: Sequence[int] = (),
        deletes: Sequence[int] = (),
    ) -> int:
        """Append changes of images and return the last sequence given out.

        The collection's row must be locked. With no image changed the sequence still moves by one,
        so that whoever caches answers by it asks again.
        """
        # The lock may be older than an earlier call in the same transaction: ask the row.
        sequence: int = self._connection.execute(
            select(Collection.last_sequence).where(Collection.id == collection.id)
        ).scalar_one()
        rows = []
        for kind, image_ids in (("delete", deletes), ("upsert", upserts)):
            for image_id in image_ids:
                sequence += 1
                rows.append(
                    {
                        "collection_id": collection.id,
                        "sequence": sequence,
                        "kind": kind,
                        "image_id": image_id,
                    }
                )
        if rows:
            self._connection.execute(insert(Change), rows)
        else:
            sequence += 1
        Collections(self._connection).advance(collection.id, sequence)
        return sequence

    def since(self, collection_id: int, sequence: int, *, limit: int) -> list[ChangeRecord]:
        """Up to `limit` changes after `sequence`, in order."""
        rows = self._connection.execute(
            select(Change.sequence, Change.kind, Change.image_id)
            .where(Change.collection_id == collection_id, Change.sequence > sequence)
            .order_by(Change.sequence)
            .limit(limit)
        )
        return [ChangeRecord(*row) for row in rows]

    def forget(self, collection_id: int, sequence: int) -> None:
        """Drop changes up to `sequence`, which a release covers."""
        self._connection.execute(
            delete(Change).where(Change.collection_id == collection_id, Change.sequence <= sequence)
        )
        self._connection.execute(
            update(Collection)
            .where(Collection.id == collection_id, Collection.forgotten_sequence < sequence)
            .values(forgotten_sequence=sequence)
        )
