"""Opening the database and its two kinds of transaction: read and write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
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


class Database:
    """The catalogue's database: SQLite in WAL mode by default, PostgreSQL by URL.

    `read()` and `write()` yield a connection inside one transaction, committed at the end of the
    block and rolled back when it raises. A write transaction on SQLite takes the writers' lock at
    once, so it never fails half-way because another writer came first.
    """

    def __init__(self, url: str) -> None:
        self._shown_url = make_url(url).render_as_string(hide_password=True)
        self._engine = _engine(url)
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
        with self._translated(), self._engine.begin() as connection:
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


def sqlite_url(path: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        try:
            return create_engine(parsed, pool_pre_ping=True)
        except ImportError as error:
            raise DatabaseUnreachable(
                f"The driver for {parsed.drivername} is not installed; "
                "install it with: pip install 'likeness[postgres]'"
            ) from error
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    # SQLite's extended codes keep the primary code in the low byte.
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_FULL or "No space left" in reason:
        return StorageFull(
            f"There is no room left for the catalogue at {url} ({reason}). Nothing was lost: "
            "what was being written was rolled back. Free some space and try again."
        )
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseBusy(
            f"Another process kept the catalogue at {url} locked for more than "
            f"{BUSY_TIMEOUT_S:.0f} s. Try again when its work is done."
        )
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
