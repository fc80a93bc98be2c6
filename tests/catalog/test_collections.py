from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import CollectionInvalid, CollectionUnknown, DatabaseError, ModelChanged
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import CollectionRecord
from catalog.tables import Base
from tests.catalog.making import DIMENSION, FINGERPRINT, make_collection, product, upsert


class TestCreate:
    def test_starts_empty_at_sequence_zero(self, database: Database) -> None:
        created = make_collection(database, "shoes")

        assert (created.name, created.dimension) == ("shoes", DIMENSION)
        assert (created.last_sequence, created.forgotten_sequence) == (0, 0)
        assert created.release_id is None
        with database.read() as connection:
            assert Collections(connection).counts(created.id) == (0, 0)

    @pytest.mark.parametrize("name", ["a", "0", "shop-2_b", "a" * 64])
    def test_takes_plain_names(self, database: Database, name: str) -> None:
        assert make_collection(database, name).name == name

    @pytest.mark.parametrize(
        "name", ["", "A", "-a", "_a", "a b", "a/b", "..", "a" * 65, "é", "a\n", "\ud800", "a\x00"]
    )
    def test_refuses_other_names(self, database: Database, name: str) -> None:
        with pytest.raises(CollectionInvalid, match="cannot name a collection"):
            make_collection(database, name)

    @pytest.mark.usefixtures("collection")
    def test_refuses_a_name_that_is_taken(self, database: Database) -> None:
        with pytest.raises(CollectionInvalid, match="already a collection 'shop'"):
            make_collection(database, "shop")

    def test_never_uses_an_id_again(self, database: Database, collection: CollectionRecord) -> None:
        with database.write() as connection:
            Collections(connection).delete("shop")

        assert make_collection(database, "shop").id > collection.id


class TestGet:
    def test_unknown_says_how_to_make_one(self, database: Database) -> None:
        with (
            database.read() as connection,
            pytest.raises(CollectionUnknown, match="no collection 'shoes'"),
        ):
            Collections(connection).get("shoes")

    @pytest.mark.parametrize("name", ["\ud800", "a\x00b", "x" * 100_000])
    def test_what_cannot_be_a_name_is_unknown(self, database: Database, name: str) -> None:
        with database.read() as connection:
            assert Collections(connection).find(name) is None
            with pytest.raises(CollectionUnknown):
                Collections(connection).get(name)


class TestAll:
    def test_is_ordered_by_name(self, database: Database) -> None:
        for name in ("mugs", "bags", "shoes"):
            make_collection(database, name)

        with database.read() as connection:
            names = [each.name for each in Collections(connection).all()]

        assert names == ["bags", "mugs", "shoes"]


class TestStates:
    def test_tells_what_followers_compare(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        make_collection(database, "mugs", fingerprint="a" * 64)
        upsert(database, product("p", ["red", "blue"]))

        with database.read() as connection:
            states = {state.name: state for state in Collections(connection).states()}

        assert states["shop"].last_sequence == 2
        assert states["shop"].id == collection.id
        assert states["mugs"].last_sequence == 0
        assert states["mugs"].model_fingerprint == "a" * 64


class TestLocked:
    def test_returns_the_collection_as_it_now_is(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("p", ["red"]))

        with database.write() as connection:
            locked = Collections(connection).locked("shop", model_fingerprint=FINGERPRINT)

        assert (locked.id, locked.last_sequence) == (collection.id, 1)

    @pytest.mark.usefixtures("collection")
    def test_another_model_is_refused(self, database: Database) -> None:
        with (
            database.write() as connection,
            pytest.raises(ModelChanged, match="switched to model 'classic'"),
        ):
            Collections(connection).locked("shop", model_fingerprint="0" * 64)

    @pytest.mark.parametrize("name", ["nowhere", "\ud800"])
    def test_unknown(self, database: Database, name: str) -> None:
        with database.write() as connection, pytest.raises(CollectionUnknown):
            Collections(connection).locked(name)


class TestDescribe:
    def test_is_kept(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        with database.write() as connection:
            Collections(connection).describe(collection.id, "Größe 42 👟")

        assert reread("shop").description == "Größe 42 👟"


class TestBalance:
    def test_is_kept_and_told_to_those_who_follow(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        assert collection.balance is None
        balance = {"texture": 0.1, "colour": 0.9}
        for wanted in (balance, {"colour": 1 / 3, "texture": 2 / 3}, None):
            with database.write() as connection:
                Collections(connection).set_balance(collection.id, wanted)

            with database.read() as connection:
                (state,) = Collections(connection).states()
            assert reread("shop").balance == state.balance == wanted


class TestCounts:
    def test_are_of_one_collection(self, database: Database, collection: CollectionRecord) -> None:
        make_collection(database, "mugs")
        upsert(database, product("a", ["red", "blue"]), product("b", ["red"]), product("c"))
        upsert(database, product("m", ["white"]), name="mugs")

        with database.read() as connection:
            assert Collections(connection).counts(collection.id) == (3, 3)


class TestDelete:
    def test_takes_everything_it_holds_along(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))
        with database.write() as connection:
            Jobs(connection).create("index", collection.id, source="photos", options={})

        with database.write() as connection:
            Collections(connection).delete("shop")

        with database.read() as connection:
            left = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in Base.metadata.tables.items()
            }
        assert left == dict.fromkeys(left, 0)

    @pytest.mark.usefixtures("collection")
    def test_leaves_the_others_alone(self, database: Database) -> None:
        mugs = make_collection(database, "mugs")
        upsert(database, product("a", ["red"]))
        upsert(database, product("a", ["red"]), name="mugs")

        with database.write() as connection:
            Collections(connection).delete("shop")

        with database.read() as connection:
            assert Products(connection).get(mugs.id, "a").images[0].position == 0
            ids, vectors = Embeddings(connection).all(mugs.id, FINGERPRINT, DIMENSION)
        assert (len(ids), vectors.shape) == (1, (1, DIMENSION))

    def test_unknown(self, database: Database) -> None:
        with database.write() as connection, pytest.raises(CollectionUnknown):
            Collections(connection).delete("shop")


class TestErrors:
    @pytest.mark.usefixtures("collection")
    def test_an_unforeseen_refusal_is_translated_too(self, database: Database) -> None:
        with pytest.raises(DatabaseError, match="refused a statement"):
            upsert(database, product("twice"), product("twice"))
