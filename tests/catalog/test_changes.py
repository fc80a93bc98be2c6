from collections.abc import Callable

from catalog.changes import ChangeRecord, Changes
from catalog.collections import Collections
from catalog.database import Database
from catalog.records import CollectionRecord


class TestRecord:
    def test_numbers_deletes_before_upserts(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        assert _record(database, upserts=[7, 8], deletes=[3]) == 3

        assert _since(database, collection, 0) == [
            ChangeRecord(1, "delete", 3),
            ChangeRecord(2, "upsert", 7),
            ChangeRecord(3, "upsert", 8),
        ]
        assert reread("shop").last_sequence == 3

    def test_of_nothing_still_moves_the_sequence(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        assert _record(database, upserts=[], deletes=[]) == 1
        assert _record(database, upserts=[7], deletes=[]) == 2
        assert _since(database, collection, 0) == [ChangeRecord(2, "upsert", 7)]


class TestSince:
    def test_pages_on_from_any_place(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        _record(database, upserts=[1, 2, 3, 4, 5], deletes=[])

        assert [change.sequence for change in _since(database, collection, 0, limit=2)] == [1, 2]
        assert [change.sequence for change in _since(database, collection, 3)] == [4, 5]
        assert _since(database, collection, 5) == []


class TestForget:
    def test_never_moves_back(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        _record(database, upserts=[1, 2, 3], deletes=[])
        for sequence in (2, 1):
            with database.write() as connection:
                Changes(connection).forget(collection.id, sequence)

        assert [change.sequence for change in _since(database, collection, 0)] == [3]
        assert reread("shop").forgotten_sequence == 2


def _record(database: Database, *, upserts: list[int], deletes: list[int]) -> int:
    with database.write() as connection:
        locked = Collections(connection).locked("shop")
        return Changes(connection).record(locked, upserts=upserts, deletes=deletes)


def _since(
    database: Database, collection: CollectionRecord, sequence: int, limit: int = 100
) -> list[ChangeRecord]:
    with database.read() as connection:
        return Changes(connection).since(collection.id, sequence, limit=limit)
