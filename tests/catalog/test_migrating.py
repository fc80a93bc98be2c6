import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import migrations
from catalog.collections import Collections
from catalog.database import Database, sqlite_url
from catalog.errors import DatabaseDamaged, DatabaseNewer
from catalog.migrating import migrate
from catalog.tables import Base
from tests.catalog.making import make_collection, product, upsert

REPO_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


class TestMigrate:
    def test_brings_an_empty_database_to_the_head(self, empty: Database) -> None:
        assert migrate(empty) is True

        with empty.read() as connection:
            tables = set(inspect(connection).get_table_names())
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert tables == {*Base.metadata.tables, "alembic_version"}
        assert version == migrations.HEAD

    def test_finds_nothing_to_do_the_second_time(self, empty: Database) -> None:
        migrate(empty)
        make_collection(empty, "shop")
        upsert(empty, product("p", ["red"]))

        assert migrate(empty) is False
        assert upsert(empty, product("p", ["red"]))[0].created is False

    def test_takes_a_catalogue_of_the_first_version_along(self, empty: Database) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        with empty.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            connection.execute(
                text(
                    "INSERT INTO collection (name, description, model_name, model_fingerprint, "
                    "dimension, last_sequence, forgotten_sequence, created_at) VALUES "
                    "('old', '', 'classic', 'f', 640, 3, 0, '2026-01-01 00:00:00')"
                )
            )

        assert migrate(empty) is True

        with empty.read() as connection:
            (old,) = Collections(connection).all()
        assert (old.name, old.last_sequence, old.balance) == ("old", 3, None)

    def test_makes_exactly_what_the_models_say(self, database: Database) -> None:
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, Base.metadata)

        assert differences == []

    def test_threads_at_once_do_the_work_once(self, empty_url: str) -> None:
        databases = [Database(empty_url) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            did = list(pool.map(migrate, databases))
        for database in databases:
            database.close()

        assert sorted(did) == [False, False, False, True]

    def test_processes_at_once_do_the_work_once(self, empty_url: str) -> None:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", _MIGRATING_PROCESS, empty_url],
                cwd=REPO_ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        did = [process.communicate(timeout=60)[0].strip() for process in processes]

        assert sorted(did) == ["False", "False", "True"]


class TestNewerDatabase:
    def test_is_refused(self, database: Database) -> None:
        _stamp(database, "9999")

        with pytest.raises(DatabaseNewer, match=r"version '9999', newer .* Upgrade Likeness"):
            migrate(database)

        with database.read() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert version == "9999"

    def test_leaves_the_file_as_it_was(self, sqlite_path: Path) -> None:
        with sqlite3.connect(sqlite_path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        before = hashlib.sha256(sqlite_path.read_bytes()).hexdigest()

        database = Database(sqlite_url(sqlite_path))
        with pytest.raises(DatabaseNewer):
            migrate(database)
        database.close()

        assert hashlib.sha256(sqlite_path.read_bytes()).hexdigest() == before
        assert [path.name for path in sqlite_path.parent.iterdir()] == [sqlite_path.name]


class TestDamagedDatabase:
    @pytest.mark.parametrize("content", [b"GIF89a" * 1000, b"# Shop\n" * 2000])
    def test_a_file_that_is_no_database_is_left_alone(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "likeness.db"
        path.write_bytes(content)
        database = Database(sqlite_url(path))

        with pytest.raises(DatabaseDamaged, match=r"not a readable database.*Restore"):
            migrate(database)
        database.close()

        assert path.read_bytes() == content

    def test_a_truncated_file_is_told_as_such(self, sqlite_path: Path) -> None:
        whole = sqlite_path.read_bytes()
        sqlite_path.write_bytes(whole[: len(whole) // 3])
        database = Database(sqlite_url(sqlite_path))

        with pytest.raises(DatabaseDamaged):
            migrate(database)
        database.close()

    def test_an_empty_file_is_an_empty_database(self, tmp_path: Path) -> None:
        path = tmp_path / "likeness.db"
        path.touch()
        database = Database(sqlite_url(path))

        assert migrate(database) is True
        database.close()


class TestHead:
    def test_is_the_newest_step(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))

        assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def _stamp(database: Database, version: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


_MIGRATING_PROCESS = """
import sys
from catalog.database import Database
from catalog.migrating import migrate

print(migrate(Database(sys.argv[1])))
"""
