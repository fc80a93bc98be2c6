"""A migrated, empty database for each test, on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from catalog.collections import Collections
from catalog.database import Database, sqlite_url
from catalog.migrating import migrate
from catalog.records import CollectionRecord
from tests.catalog.making import make_collection
from tests.catalog.postgres import postgresql_server

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[str], str]]:
    """name -> URL of that database on the tests' own server."""
    with postgresql_server() as url:
        yield lambda name: url.format(name=name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "likeness.db"
    _migrated(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Callable[[str], str]) -> str:
    with _admin(postgresql) as connection:
        connection.execute("CREATE DATABASE template")
    _migrated(postgresql("template"))
    return "template"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which there is nothing yet."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    server: Callable[[str], str] = request.getfixturevalue("postgresql")
    with _postgresql_database(server, copy_of="template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database; a test may open it more than once."""
    if request.param == "sqlite":
        path = tmp_path / "likeness.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield sqlite_url(path)
        return
    template: str = request.getfixturevalue("postgresql_template")
    server: Callable[[str], str] = request.getfixturevalue("postgresql")
    with _postgresql_database(server, copy_of=template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated, empty SQLite file, for what only a file can suffer."""
    return Path(shutil.copyfile(sqlite_template, tmp_path / "likeness.db"))


@pytest.fixture
def sqlite_database(sqlite_path: Path) -> Iterator[Database]:
    """For the many cases of what no database decides."""
    opened = Database(sqlite_url(sqlite_path))
    yield opened
    opened.close()


@pytest.fixture
def collection(database: Database) -> CollectionRecord:
    """An empty collection named "shop", its vectors of four numbers."""
    return make_collection(database, "shop")


@pytest.fixture
def reread(database: Database) -> Callable[[str], CollectionRecord]:
    """name -> the collection as it is now."""

    def _reread(name: str) -> CollectionRecord:
        with database.read() as connection:
            return Collections(connection).get(name)

    return _reread


@contextmanager
def _postgresql_database(server: Callable[[str], str], *, copy_of: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with _admin(server) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(copy_of)
            )
        )
    yield server(name)
    with _admin(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(server: Callable[[str], str]) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server("postgres"), autocommit=True)


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()
