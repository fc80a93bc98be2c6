import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.changes import Changes
from catalog.collections import Collections
from catalog.database import Database, sqlite_url
from catalog.errors import (
    CatalogError,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseUnreachable,
    StorageFull,
)
from catalog.migrating import migrate
from catalog.products import Products
from catalog.records import CollectionRecord
from tests.catalog.making import make_collection, product, upsert

REPO_ROOT = Path(__file__).resolve().parents[2]


class TestOpen:
    @pytest.mark.parametrize(
        "url", ["", "likeness.db", "sqlite//x", "nosuch://x", "sqlite+no:///x"]
    )
    def test_what_is_no_url_is_refused_with_examples(self, url: str) -> None:
        with pytest.raises(DatabaseUnreachable, match=r"sqlite:////data/likeness\.db"):
            Database(url)

    def test_other_databases_are_refused_by_name(self) -> None:
        with pytest.raises(DatabaseUnreachable, match="'mysql' databases are not supported"):
            Database("mysql://shop@localhost/shop")

    def test_a_missing_folder_is_unreachable(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUnreachable, match="cannot be opened or written"):
            _open(sqlite_url(tmp_path / "nowhere" / "likeness.db"))

    def test_a_folder_in_its_place_is_unreachable(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUnreachable):
            _open(sqlite_url(tmp_path))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_an_unwritable_folder_is_unreachable(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)

        with pytest.raises(DatabaseUnreachable):
            _open(sqlite_url(tmp_path / "likeness.db"))

    def test_a_file_system_that_takes_no_files_is_unreachable(self) -> None:
        with pytest.raises(DatabaseUnreachable):
            _open("sqlite:////proc/likeness.db")

    def test_a_server_that_is_not_there_is_unreachable(self, tmp_path: Path) -> None:
        url = f"postgresql://shop:secret@/likeness?host={tmp_path}"

        with pytest.raises(DatabaseUnreachable) as caught:
            _open(url)

        assert "secret" not in str(caught.value)

    def test_a_missing_database_is_unreachable(self, postgresql: Callable[[str], str]) -> None:
        with pytest.raises(DatabaseUnreachable, match="nowhere"):
            _open(postgresql("nowhere"))

    def test_a_wal_file_survives_many_openers(self, tmp_path: Path) -> None:
        url = sqlite_url(tmp_path / "likeness.db")
        errors: list[CatalogError] = []

        def open_it() -> None:
            try:
                _open(url)
            except CatalogError as error:
                errors.append(error)

        threads = [threading.Thread(target=open_it) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []


class TestRead:
    def test_sees_one_state_however_long_it_takes(self, database_url: str) -> None:
        reader, writer = Database(database_url), Database(database_url)
        shop = make_collection(writer, "shop")
        upsert(writer, product("a", ["red"]))

        with reader.read() as connection:
            before = Products(connection).count(shop.id)
            upsert(writer, product("b", ["blue"]))
            again = Products(connection).count(shop.id)
        with reader.read() as connection:
            after = Products(connection).count(shop.id)
        reader.close()
        writer.close()

        assert (before, again, after) == (1, 1, 2)

    def test_does_not_wait_for_a_writer(self, database_url: str) -> None:
        reader, writer = Database(database_url), Database(database_url)
        shop = make_collection(writer, "shop")

        with writer.write() as writing:
            locked = Collections(writing).locked("shop")
            Products(writing).upsert(locked, [product("a", ["red"])])
            with reader.read() as reading:
                assert Products(reading).count(shop.id) == 0
        reader.close()
        writer.close()


class TestWrite:
    def test_an_error_leaves_nothing_behind(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        with pytest.raises(KeyError, match="somewhere else"):
            _write_and_fail(database, KeyError("somewhere else"))

        with database.read() as connection:
            assert Products(connection).count(collection.id) == 0
            assert Collections(connection).get("shop").last_sequence == 0

    def test_waits_for_the_writer_before_and_then_gives_up(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = Database(database_url)
        make_collection(first, "shop")
        monkeypatch.setattr("catalog.database.BUSY_TIMEOUT_S", 0.2)
        second = Database(database_url)

        with first.write() as connection:
            Collections(connection).locked("shop")
            with pytest.raises(DatabaseBusy, match="locked for more than"):
                upsert(second, product("a"))
        upsert(second, product("a"))
        first.close()
        second.close()

    def test_too_many_at_once_is_busy_too(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("catalog.database.BUSY_TIMEOUT_S", 0.1)
        database = Database(database_url)

        with _readers(database, 15), pytest.raises(DatabaseBusy):
            make_collection(database, "shop")
        database.close()

    def test_a_file_damaged_meanwhile_is_told(self, sqlite_path: Path) -> None:
        database = Database(sqlite_url(sqlite_path))
        make_collection(database, "shop")
        database.close()
        with sqlite_path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (sqlite_path.stat().st_size - 4096))

        with pytest.raises(DatabaseDamaged):
            upsert(database, product("a", ["red"]))
        database.close()


class TestKilledWriter:
    def test_committed_batches_stay_and_the_broken_one_goes(self, database_url: str) -> None:
        database = Database(database_url)
        shop = make_collection(database, "shop")

        killed = subprocess.run(
            [sys.executable, "-c", _DYING_WRITER, database_url],
            cwd=REPO_ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert killed.returncode == -signal.SIGKILL, killed.stderr
        with database.read() as connection:
            products = Products(connection).page(shop.id, limit=100)
            changes = Changes(connection).since(shop.id, 0, limit=100)
            assert Collections(connection).get("shop").last_sequence == 3
        assert [each.external_id for each in products] == ["p0", "p1", "p2"]
        assert [change.sequence for change in changes] == [1, 2, 3]
        # The dead writer's lock is gone as well.
        upsert(database, product("p3", ["next"]))
        database.close()


class TestFullDisk:
    def test_a_full_database_keeps_what_it_had(self, sqlite_path: Path) -> None:
        database = Database(sqlite_url(sqlite_path))
        shop = make_collection(database, "shop")
        upsert(database, product("before", ["red"]))
        _limit_pages(database, extra=4)

        with pytest.raises(StorageFull, match="Nothing was lost"):
            _fill(database)

        with database.read() as connection:
            stored = Products(connection).count(shop.id)
            assert Products(connection).get(shop.id, "before").images[0].source == "red.jpg"
            changes = Changes(connection).since(shop.id, 0, limit=10_000)
            assert len(changes) == Collections(connection).get("shop").last_sequence == stored
        _limit_pages(database, extra=10_000)
        upsert(database, product("after", ["blue"]))
        database.close()

    def test_a_full_file_system_keeps_what_it_had(self, small_disk: Path) -> None:
        database = Database(sqlite_url(small_disk / "likeness.db"))
        migrate(database)
        shop = make_collection(database, "shop")
        upsert(database, product("before", ["red"]))

        with pytest.raises(StorageFull):
            _fill(database)

        with database.read() as connection:
            stored = Products(connection).count(shop.id)
            assert Products(connection).get(shop.id, "before").images[0].source == "red.jpg"
        database.close()
        with sqlite3.connect(small_disk / "likeness.db") as plain:
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert plain.execute("SELECT count(*) FROM product").fetchone() == (stored,)
        plain.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; skips where none may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


_DYING_WRITER = """
import os, signal, sys
from catalog.collections import Collections
from catalog.database import Database
from catalog.products import Products
from tests.catalog.making import product, upsert

database = Database(sys.argv[1])
for number in range(3):
    upsert(database, product(f"p{number}", [f"picture {number}"]))
with database.write() as connection:
    shop = Collections(connection).locked("shop")
    Products(connection).upsert(shop, [product("lost", ["lost"]), product("p0", ["changed"])])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _write_and_fail(database: Database, error: Exception) -> None:
    with database.write() as connection:
        locked = Collections(connection).locked("shop")
        Products(connection).upsert(locked, [product("a", ["red"])])
        raise error


def _open(url: str) -> None:
    database = Database(url)
    try:
        migrate(database)
    finally:
        database.close()


@contextmanager
def _readers(database: Database, number: int) -> Iterator[None]:
    if number == 0:
        yield
        return
    with database.read() as connection, _readers(database, number - 1):
        connection.execute(text("SELECT 1"))
        yield


def _limit_pages(database: Database, *, extra: int) -> None:
    """Let the file grow by no more than some pages; the setting is the connection's."""
    with database.read() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + extra}"))


def _fill(database: Database) -> None:
    for number in range(5000):
        upsert(database, product(f"p{number}", [f"picture {number}"], title="t" * 4000))
