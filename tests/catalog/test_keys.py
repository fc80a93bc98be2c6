import pytest
from sqlalchemy import text

from catalog.database import Database
from catalog.errors import KeyInvalid
from catalog.keys import ApiKeys
from catalog.records import Role


class TestCreate:
    def test_is_shown_once_and_stored_as_a_hash(self, database: Database) -> None:
        key = _create(database, "shop front", "search")

        assert key.startswith("lk_")
        assert len(key) > 40
        with database.read() as connection:
            rows = connection.execute(text("SELECT * FROM api_key")).all()
        assert key not in str(rows)
        assert key.removeprefix("lk_") not in str(rows)

    @pytest.mark.parametrize("name", ["", " a", "a/b", "é", "x" * 65, "a\n", "\ud800", "a\x00"])
    def test_refuses_other_names(self, sqlite_database: Database, name: str) -> None:
        with pytest.raises(KeyInvalid, match="cannot name a key"):
            _create(sqlite_database, name, "search")

    def test_refuses_a_name_that_is_taken(self, database: Database) -> None:
        _create(database, "front", "search")

        with pytest.raises(KeyInvalid, match="already a key named 'front'"):
            _create(database, "front", "admin")


class TestRole:
    def test_tells_what_a_key_allows(self, database: Database) -> None:
        search, admin = _create(database, "s", "search"), _create(database, "a", "admin")

        assert _role(database, search) == "search"
        assert _role(database, admin) == "admin"

    @pytest.mark.parametrize("key", ["", "lk_", "lk_" + "a" * 43, "\ud800", "\x00", "x" * 100_000])
    def test_unknown_keys_allow_nothing(self, sqlite_database: Database, key: str) -> None:
        _create(sqlite_database, "s", "search")

        assert _role(sqlite_database, key) is None


class TestRevoke:
    def test_takes_effect_at_once(self, database: Database) -> None:
        key = _create(database, "front", "search")
        with database.read() as connection:
            assert ApiKeys(connection).any_active()

        with database.write() as connection:
            ApiKeys(connection).revoke("front")

        assert _role(database, key) is None
        with database.read() as connection:
            assert not ApiKeys(connection).any_active()
            (record,) = ApiKeys(connection).all()
        assert (record.name, record.role) == ("front", "search")
        assert record.revoked_at is not None
        assert record.revoked_at >= record.created_at

    @pytest.mark.parametrize("name", ["nobody", "gone", "\ud800", "a\x00"])
    def test_what_is_not_in_force_is_refused(self, database: Database, name: str) -> None:
        _create(database, "gone", "search")
        with database.write() as connection:
            ApiKeys(connection).revoke("gone")

        with database.write() as connection, pytest.raises(KeyInvalid, match="in force"):
            ApiKeys(connection).revoke(name)


class TestAll:
    def test_is_in_the_order_of_making(self, database: Database) -> None:
        for name in ("z", "a", "m"):
            _create(database, name, "search")

        with database.read() as connection:
            assert [each.name for each in ApiKeys(connection).all()] == ["z", "a", "m"]


def _create(database: Database, name: str, role: Role) -> str:
    with database.write() as connection:
        return ApiKeys(connection).create(name, role)


def _role(database: Database, key: str) -> Role | None:
    with database.read() as connection:
        return ApiKeys(connection).role(key)
