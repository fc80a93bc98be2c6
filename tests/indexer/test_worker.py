"""`likeness worker` as a process: what a service starts and stops."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.collections import Collections
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import JobRecord
from tests.indexer.shop import Program, Shop, Web, picture_bytes

Programs = Callable[..., Program]


def queued(shop: Shop, source: object, *, collection: str = "default") -> JobRecord:
    """A job as the service puts it into the queue."""
    found = shop.home.ensure_collection(collection)
    with shop.home.database.write() as connection:
        return Jobs(connection).create(
            "index",
            found.id,
            source=str(source),
            options={"origin": "http", "prune": False, "category_from_folders": False},
        )


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        if process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()}")
        time.sleep(0.02)


@pytest.fixture
def imports(shop: Shop, photos: Path) -> Path:
    """The pictures, in the folder that jobs over HTTP may read."""
    return photos.rename(shop.home.root / "imports")


@pytest.fixture
def held_list(shop: Shop, web: Web) -> Path:
    """A manifest of forty pictures on the web; the thirtieth is held back."""
    web.pages = {f"/{n}.jpg": picture_bytes(n) for n in range(40)}
    web.held = {"/29.jpg": threading.Event()}
    imports = shop.home.root / "imports"
    imports.mkdir()
    rows = "".join(f"p{n},{web.address}/{n}.jpg\n" for n in range(40))
    (imports / "list.csv").write_text("id,image\n" + rows)
    return imports / "list.csv"


class TestUntilIdle:
    def test_runs_what_is_queued_in_order_and_ends(
        self, program: Programs, shop: Shop, imports: Path
    ) -> None:
        queued(shop, imports)
        queued(shop, imports / "mugs", collection="other")
        ran = program().run("worker", "--until-idle")
        assert ran.returncode == 0, ran.stderr
        assert [job.status for job in shop.jobs()] == ["done", "done"]
        assert (len(shop.products()), len(shop.products("other"))) == (12, 4)

    def test_a_source_that_is_not_allowed_fails_its_job_only(
        self, program: Programs, shop: Shop, imports: Path
    ) -> None:
        refused = queued(shop, "/etc")
        queued(shop, imports)
        program().run("worker", "--until-idle")
        jobs = {job.id: job for job in shop.jobs()}
        assert jobs.pop(refused.id).status == "failed"
        assert [job.status for job in jobs.values()] == ["done"]

    def test_takes_over_from_a_worker_that_was_killed(
        self, program: Programs, shop: Shop, web: Web, held_list: Path
    ) -> None:
        job = queued(shop, held_list)
        first = program().start("worker")
        wait_until(lambda: shop.jobs()[0].cursor >= 8, first)
        first.kill()
        first.communicate()
        before = shop.embeddings()
        web.held["/29.jpg"].set()
        ran = program().run("worker", "--until-idle")
        assert ran.returncode == 0, ran.stderr
        (done,) = shop.jobs()
        assert (done.id, done.status, done.indexed) == (job.id, "done", 40)
        after = shop.embeddings()
        assert {i: after[i] for i in before} == before

    def test_publishes_when_live_changes_are_many(
        self, program: Programs, shop: Shop, photos: Path
    ) -> None:
        shop.index(photos)
        with shop.home.database.write() as connection:
            locked = Collections(connection).locked("default")
            Products(connection).delete(locked, ["00.jpg", "01.jpg"])
        program(compact_after_changes=3).run("worker", "--until-idle")
        assert len(shop.jobs()) == 1
        program(compact_after_changes=2).run("worker", "--until-idle")
        assert [(job.kind, job.status) for job in shop.jobs()] == [
            ("reindex", "done"),
            ("index", "done"),
        ]
        with shop.home.database.read() as connection:
            collection = Collections(connection).get("default")
        assert collection.release_id == shop.jobs()[0].release_id


class TestStopping:
    def test_sigterm_puts_the_job_back_and_ends(
        self, program: Programs, shop: Shop, web: Web, held_list: Path
    ) -> None:
        queued(shop, held_list)
        process = program().start("worker")
        wait_until(lambda: shop.jobs()[0].cursor >= 8, process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        (job,) = shop.jobs()
        assert (job.status, job.worker) == ("queued", None)
        web.held["/29.jpg"].set()
        program().run("worker", "--until-idle")
        (job,) = shop.jobs()
        assert (job.status, job.indexed) == ("done", 40)

    def test_a_cancelled_job_leaves_the_worker_at_work(
        self, program: Programs, shop: Shop, web: Web, held_list: Path, photos: Path
    ) -> None:
        job = queued(shop, held_list)
        process = program(job_roots=f"{held_list.parent},{photos}").start("worker")
        wait_until(lambda: shop.jobs()[0].cursor >= 8, process)
        with shop.home.database.write() as connection:
            Jobs(connection).request_cancel(job.id)
        following = queued(shop, photos)

        def has_followed() -> bool:
            return {j.id: j.status for j in shop.jobs()}[following.id] == "done"

        wait_until(has_followed, process)
        process.terminate()
        process.communicate(timeout=30)
        assert {j.id: j.status for j in shop.jobs()}[job.id] == "cancelled"

    def test_ends_with_its_parent_when_told_to(self, program: Programs, shop: Shop) -> None:
        chosen = program()
        parent = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import os, subprocess, sys; child = subprocess.Popen([sys.executable, '-m', "
                "'likeness', 'worker', '--exit-with-parent', str(os.getpid())]); "
                "print(child.pid, flush=True); child.wait()",
            ],
            env=chosen.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        database = shop.home.root / "likeness.db"

        def has_opened() -> bool:
            return any(
                link.exists() and link.resolve() == database
                for link in Path(f"/proc/{child}/fd").iterdir()
            )

        wait_until(has_opened, parent)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        deadline = time.monotonic() + 30
        while _lives(child):
            assert time.monotonic() < deadline, "the worker outlived its parent"
            time.sleep(0.05)

    def test_ends_when_its_parent_died_before_it_could_look(self, program: Programs) -> None:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()

        worker = program().start("worker", "--exit-with-parent", str(dead.pid))

        _, errors = worker.communicate(timeout=30)
        assert worker.returncode == 0, errors


class TestIdle:
    def test_holds_neither_the_index_library_nor_the_pipeline(self) -> None:
        told = subprocess.run(
            [
                sys.executable,
                "-c",
                "import indexer.worker, indexer.command, sys; "
                "print([m for m in ('faiss', 'openvino', 'torch', 'indexer.pipeline') "
                "if m in sys.modules])",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == "[]"


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
