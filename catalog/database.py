"""Opening the database and its two kinds of transaction: read and write."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from catalog.errors import (
    CatalogError,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseError,
    DatabaseUnreachable,
    StorageFull,
)

BUSY_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 10

_URLS = "Give a path as sqlite:////data/likeness.db, or a server as postgresql://USER:PASSWORD@HOST/NAME."
_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})
# PostgreSQL: lock timeout, deadlock, serialisation failure.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
_DISK_FULL_STATE = "53100"


class Database:
    """The catalogue's database: SQLite in WAL mode by default, PostgreSQL by URL.

    `read()` and `write()` yield a connection inside one transaction, committed at the end of the
    block and rolled back when it raises. A write transaction on SQLite takes the writers' lock at
    once, so it never fails half-way because another writer came first.

    Raises DatabaseUnreachable when the URL is none, or names a database that is not supported.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self._shown_url = parsed.render_as_string(hide_password=True)
        self._engine = _sqlite(parsed) if _is_sqlite(parsed) else _postgresql(parsed)
        # One view for the whole block: what SQLite gives by itself, PostgreSQL must be asked for.
        self._reader = (
            self._engine
            if self.is_sqlite
            else self._engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writer = self._engine.execution_options(likeness_write=True)

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the database; raises DatabaseError subclasses."""
        with self._translated(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The one writer; raises DatabaseBusy when another holds the lock for too long."""
        with self._translated(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise _as_ours(error, self._shown_url) from error
        except exc.TimeoutError as error:
            raise _busy(self._shown_url) from error


def sqlite_url(path: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite:///{path}"


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise DatabaseUnreachable(f"The database URL cannot be read. {_URLS}") from error
    if parsed.drivername not in _DRIVERS:
        raise DatabaseUnreachable(f"{parsed.drivername!r} databases are not supported. {_URLS}")
    return parsed


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_timeout=BUSY_TIMEOUT_S,
        json_serializer=_json,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            url,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            pool_timeout=BUSY_TIMEOUT_S,
            pool_pre_ping=True,
            json_serializer=_json,
        )
    except ImportError as error:
        raise DatabaseUnreachable(
            f"The driver for {url.drivername} is not installed; "
            "install the extra `postgres` of Likeness: pip install 'psycopg[binary]'"
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _json(value: object) -> str:
    # Letters as they are: SQLite does not recognise the name of an attribute in escapes.
    return json.dumps(value, ensure_ascii=False)


def _prepare_postgresql(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    connection.commit()


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    # The driver's own transaction handling starts writes late; ours starts them with BEGIN below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit survives a power cut, not only a crash of the process.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("likeness_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _as_ours(error: exc.DBAPIError, url: str) -> CatalogError:
    reason = str(error.orig)
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None)
    # SQLite's extended codes keep the primary code in the low byte.
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_FULL or state == _DISK_FULL_STATE or "No space left" in reason:
        return StorageFull(
            f"There is no room left for the catalogue at {url} ({reason}). Nothing was lost: "
            "what was being written was rolled back. Free some space and try again."
        )
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or state in _BUSY_STATES:
        return _busy(url)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged(
            f"{url} is not a readable database ({reason}). Restore it from a backup, or move it "
            "away and index the catalogue again."
        )
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR) or (
        isinstance(error, exc.OperationalError) and primary is None
    ):
        return DatabaseUnreachable(
            f"The catalogue at {url} cannot be opened or written ({reason}). "
            "Check that it is there, and that this user may write it."
        )
    return DatabaseError(f"The catalogue at {url} refused a statement: {reason}")


def _busy(url: str) -> DatabaseBusy:
    return DatabaseBusy(
        f"Others kept the catalogue at {url} locked for more than {BUSY_TIMEOUT_S:.0f} s. "
        "Try again when their work is done."
    )
