"""What other processes do is seen here, within a second, without a restart."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from retrieval.home import Home
from retrieval.releases import ReleasePublisher
from tests.embedding.tiny_model import write_tiny_model
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running, wait_until

SECOND = 1.0


def environment(home: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
    return {**kept, "LIKENESS_HOME": str(home), **settings}


@contextmanager
def served(home: Path, **settings: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """`likeness serve` in a process of its own, on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "likeness", "serve", "--port", "0", "--no-worker"],
        env=environment(home, **settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = ""
        while not (address := re.search(r"curl .*(http://\S+)/v1/search", said)):
            line = process.stderr.readline()
            assert line, f"the service ended: {said}"
            said += line
        with httpx.Client(base_url=address[1], timeout=30, trust_env=False) as client:
            wait_until(lambda: client.get("/health/ready").status_code == 200)
            yield client, process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def found(client: httpx.Client, number: int) -> list[str]:
    reply = client.post("/v1/search", files={"image": jpeg(number)})
    assert reply.status_code == 200, reply.text
    return [hit["product_id"] for hit in reply.json()["hits"]]


class TestTwoProcesses:
    def test_upserts_and_deletes_are_live_in_both(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            one, _ = stack.enter_context(served(tmp_path))
            two, _ = stack.enter_context(served(tmp_path))
            for writer, reader, product_id in ((one, two, "a"), (two, one, "b")):
                number = ord(product_id)
                reply = writer.put(f"/v1/products/{product_id}", files={"image": jpeg(number)})
                assert reply.status_code == 201

                assert found(writer, number)[0] == product_id
                wait_until(lambda: found(reader, number)[:1] == [product_id], SECOND)  # noqa: B023

            one.delete("/v1/products/b")
            assert found(one, ord("b")) == ["a"]
            wait_until(lambda: found(two, ord("b")) == ["a"], SECOND)

            one.put("/v1/collections/new")
            two.put("/v1/products/c", files={"image": jpeg(1)}, data={"collection": "new"})
            reply = one.post("/v1/search?collection=new", files={"image": jpeg(1)})
            assert [hit["product_id"] for hit in reply.json()["hits"]] == ["c"]

    def test_killed_after_its_answer_loses_nothing(self, tmp_path: Path) -> None:
        with served(tmp_path) as (client, process):
            client.put("/v1/products/a", files={"image": jpeg(1)})
            process.kill()
            process.wait()
        with served(tmp_path) as (client, _):
            assert found(client, 1) == ["a"]

    def test_ends_when_it_is_told_to(self, tmp_path: Path) -> None:
        with served(tmp_path) as (_, process):
            process.send_signal(signal.SIGTERM)

            assert process.wait(20) in (0, -signal.SIGTERM)


class TestRelease:
    def test_flips_while_searches_go_on(self, service: Service) -> None:
        for number in range(10):
            service.put(f"p{number}", number)
        stop = threading.Event()
        wrong: list[object] = []
        releases: set[int | None] = set()

        def ask() -> None:
            with httpx.Client(base_url=service.url, trust_env=False, timeout=30) as client:
                while not stop.is_set():
                    reply = client.post("/v1/search", files={"image": jpeg(4)}).json()
                    release = reply.get("release")
                    releases.add(release and release["id"])
                    if [hit["product_id"] for hit in reply.get("hits", [])][:1] != ["p4"]:
                        wrong.append(reply)

        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        card = service.state.home.store.card("classic")
        last = None
        for _ in range(5):
            last = service.state.engine.publisher.publish("default", card).id
            wait_until(lambda: last in releases)  # noqa: B023
        stop.set()
        for asker in askers:
            asker.join()

        assert wrong == []
        assert last in releases

    def test_a_product_is_stored_under_a_model_flipped_to_unnoticed(self, tmp_path: Path) -> None:
        write_tiny_model(tmp_path / "built")
        # The service will not look at the database by itself.
        with running(tmp_path / "home", follow_interval_s=60) as service:
            home = service.state.home
            card = home.store.install(tmp_path / "built")
            service.put("a", 1)
            service.client.delete("/v1/products/a")
            with Home(service.state.settings) as elsewhere:
                ReleasePublisher(elsewhere.database, elsewhere.snapshots).publish(
                    "default", card, flip_model=True
                )

            service.put("b", 2)

            assert service.search(2)["model"] == card.name
            assert service.found(2) == ["b"]

    @pytest.mark.parametrize("how", ["torn", "missing"])
    def test_a_bad_snapshot_is_made_again(self, tmp_path: Path, how: str) -> None:
        with running(tmp_path) as service:
            for number in range(5):
                service.put(f"p{number}", number)
            card = service.state.home.store.card("classic")
            before = service.state.engine.publisher.publish("default", card)
        for file in (tmp_path / "snapshots" / before.snapshot).iterdir():
            if file.name != "manifest.json":
                file.unlink() if how == "missing" else os.truncate(file, 100)
        with running(tmp_path) as service:
            answer = service.search(3)

            assert answer["hits"][0]["product_id"] == "p3"
            assert answer["release"]["id"] > before.id
            assert service.client.get("/health/ready").json()["status"] == "ready"

    def test_of_another_model_is_told(self, tmp_path: Path) -> None:
        from catalog.tables import Collection

        with running(tmp_path) as service:
            service.put("a", 1)
            with service.state.home.database.write() as connection:
                connection.execute(Collection.__table__.update().values(model_fingerprint="0" * 64))
            wait_until(lambda: service.client.get("/health/ready").json()["status"] == "degraded")
            trouble = service.client.get("/health/ready").json()["collections"]["default"]
            assert "likeness reindex" in trouble["trouble"]
        with running(tmp_path) as service:
            reply = service.client.post("/v1/search", files={"image": jpeg(1)})

            assert_problem(reply, 503, "model-mismatch")
