"""Collections: one catalogue each, and the count of its changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exc, func, insert, select, update

from catalog.errors import CollectionInvalid, CollectionUnknown, ModelChanged
from catalog.records import CollectionRecord, check_collection_name, is_collection_name
from catalog.tables import Collection, Image, Product


@dataclass(frozen=True)
class CollectionState:
    """What a following process compares with what it holds."""

    id: int
    name: str
    release_id: int | None
    last_sequence: int
    model_name: str
    model_fingerprint: str
    balance: Mapping[str, float] | None


class Collections:
    """Reads and writes of the collection table, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self, name: str, *, model_name: str, model_fingerprint: str, dimension: int
    ) -> CollectionRecord:
        """A new, empty collection; raises CollectionInvalid when the name is taken, or is none."""
        new = insert(Collection).values(
            name=check_collection_name(name),
            description="",
            model_name=model_name,
            model_fingerprint=model_fingerprint,
            dimension=dimension,
            last_sequence=0,
            forgotten_sequence=0,
            created_at=datetime.now(UTC),
        )
        try:
            self._connection.execute(new)
        except exc.IntegrityError as error:
            raise CollectionInvalid(
                f"There is already a collection {name!r}; choose another name."
            ) from error
        return self.get(name)

    def find(self, name: str) -> CollectionRecord | None:
        if not is_collection_name(name):
            return None
        row = self._connection.execute(select(Collection.__table__).filter_by(name=name)).first()
        return None if row is None else _record(row)

    def get(self, name: str) -> CollectionRecord:
        """Raises CollectionUnknown."""
        found = self.find(name)
        if found is None:
            raise CollectionUnknown(
                f"There is no collection {name[:80]!r}. Create it by indexing into it "
                "(likeness index SOURCE --collection NAME), or with PUT /v1/collections/NAME."
            )
        return found

    def all(self) -> list[CollectionRecord]:
        """Every collection, by name."""
        rows = self._connection.execute(select(Collection.__table__).order_by(Collection.name))
        return [_record(row) for row in rows]

    def states(self) -> list[CollectionState]:
        """The little that changes, of every collection: cheap to ask several times a second."""
        rows = self._connection.execute(
            select(
                Collection.id,
                Collection.name,
                Collection.release_id,
                Collection.last_sequence,
                Collection.model_name,
                Collection.model_fingerprint,
                Collection.balance,
            )
        )
        return [CollectionState(*row) for row in rows]

    def locked(self, name: str, *, model_fingerprint: str | None = None) -> CollectionRecord:
        """The collection, held against other writers until the transaction ends.

        Whoever writes products, pictures or releases takes this lock first: it makes sequences
        visible in the order they were given out, on PostgreSQL too.

        Raises:
            CollectionUnknown: there is no such collection.
            ModelChanged: it is served by another model than `model_fingerprint`.
        """
        if is_collection_name(name):
            # Against other writers, not against rows that only refer to the collection.
            self._connection.execute(
                select(Collection.id).filter_by(name=name).with_for_update(key_share=True)
            ).first()
        collection = self.get(name)
        if model_fingerprint not in (None, collection.model_fingerprint):
            raise ModelChanged(
                f"Collection {name!r} has just been switched to model "
                f"{collection.model_name!r}; embed with that one and try again."
            )
        return collection

    def advance(self, collection_id: int, sequence: int) -> None:
        """Make everything up to `sequence` known to those who follow; the row must be locked."""
        self._connection.execute(
            update(Collection).where(Collection.id == collection_id).values(last_sequence=sequence)
        )

    def describe(self, collection_id: int, description: str) -> None:
        self._connection.execute(
            update(Collection).where(Collection.id == collection_id).values(description=description)
        )

    def set_balance(self, collection_id: int, balance: Mapping[str, float] | None) -> None:
        """None forgets it; the row must be locked, since parts are those of one model."""
        self._connection.execute(
            update(Collection)
            .where(Collection.id == collection_id)
            .values(balance=None if balance is None else dict(balance))
        )

    def counts(self, collection_id: int) -> tuple[int, int]:
        """How many (products, images) the collection holds."""
        products = self._connection.execute(
            select(func.count()).select_from(Product).filter_by(collection_id=collection_id)
        ).scalar_one()
        images = self._connection.execute(
            select(func.count()).select_from(Image).filter_by(collection_id=collection_id)
        ).scalar_one()
        return products, images

    def delete(self, name: str) -> CollectionRecord:
        """Remove the collection and all it holds; raises CollectionUnknown."""
        collection = self.locked(name)
        self._connection.execute(delete(Collection).where(Collection.id == collection.id))
        return collection


def _record(row: Row[Any]) -> CollectionRecord:
    return CollectionRecord(**row._mapping)
