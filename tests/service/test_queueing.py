"""More clients than threads, and more than are admitted: real sockets, everybody is answered."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from retrieval.engine import SearchEngine
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running, wait_until

CLIENTS = 32


class Held:
    """Searches that begin, then wait until they may go on; `begun` counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_go_on = threading.Event()
        self.begun = 0
        search = SearchEngine.search

        def held(*arguments: Any, **options: Any) -> Any:
            self.begun += 1
            assert self.may_go_on.wait(20)
            return search(*arguments, **options)

        monkeypatch.setattr(SearchEngine, "search", held)


Ask = Callable[[Service, int], "Future[httpx.Response]"]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """ask(service, number): a search by a client of its own, under way."""
    with ThreadPoolExecutor(CLIENTS) as clients:

        def one(url: str, number: int) -> httpx.Response:
            return httpx.post(
                f"{url}/v1/search", files={"image": jpeg(number)}, timeout=30, trust_env=False
            )

        yield lambda service, number: clients.submit(one, service.url, number)


def test_answers_under_many_clients_are_those_given_to_one(tmp_path: Path, ask: Ask) -> None:
    with running(tmp_path, queue_wait_max_ms=10_000) as service:
        for number in range(8):
            service.put(f"p{number}", number)
        alone = [service.search(number)["hits"] for number in range(8)]

        replies = [ask(service, number % 8).result for number in range(CLIENTS)]

        for number, reply in enumerate(replies):
            assert reply().status_code == 200, reply().text
            assert reply().json()["hits"] == alone[number % 8]


def test_the_surplus_is_refused_and_all_others_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    limit = 6
    with running(tmp_path, queue_limit=limit, queue_wait_max_ms=10_000) as service:
        held = Held(monkeypatch)
        admitted = []
        for number in range(limit):
            admitted.append(ask(service, number))
            wait_until(lambda number=number: service.state.searches.admitted == number + 1)

        surplus = [ask(service, number).result() for number in range(CLIENTS - limit - 1)]
        # Nobody looks at what is sent by then.
        surplus.append(service.client.post("/v1/search", files={"image": b"no picture"}))
        held.may_go_on.set()

        for reply in surplus:
            assert_problem(reply, 503, "service-busy")
            assert int(reply.headers["retry-after"]) >= 1
        assert [reply.result().status_code for reply in admitted] == [200] * limit
        assert service.state.searches.rejected == CLIENTS - limit


def test_a_storm_loses_nobody(tmp_path: Path, ask: Ask) -> None:
    with running(tmp_path, queue_limit=4) as service:
        service.put("a", 1)

        replies = [ask(service, number).result() for number in range(8)]
        replies += [each.result() for each in [ask(service, n) for n in range(4 * CLIENTS)]]

        for reply in replies:
            if reply.status_code != 200:
                assert_problem(reply, 503, "service-busy")
                assert "retry-after" in reply.headers
        answered = [reply for reply in replies if reply.status_code == 200]
        assert len(answered) >= 8
        assert all(len(reply.json()["hits"]) == 1 for reply in answered)
        assert service.state.searches.admitted == 0
        assert service.state.searches.rejected == len(replies) - len(answered)


def test_who_waits_too_long_is_refused_before_those_at_work_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    with running(tmp_path, queue_wait_max_ms=50) as service:
        held = Held(monkeypatch)
        threads = service.state.threads.searching.threads
        at_work = [ask(service, number) for number in range(threads)]
        wait_until(lambda: held.begun == threads)

        late = ask(service, 1).result()

        assert_problem(late, 503, "service-busy")
        assert "50 ms" in late.json()["detail"]
        assert "retry-after" in late.headers
        assert not any(reply.done() for reply in at_work)
        held.may_go_on.set()
        assert [reply.result().status_code for reply in at_work] == [200] * threads
        # It was never begun, not even when a thread was free again.
        assert service.client.post("/v1/search", files={"image": jpeg(1)}).status_code == 200
        assert held.begun == threads + 1


def test_a_client_that_leaves_the_line_costs_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    with running(tmp_path, queue_wait_max_ms=10_000) as service:
        held = Held(monkeypatch)
        threads = service.state.threads.searching.threads
        at_work = [ask(service, number) for number in range(threads)]
        wait_until(lambda: held.begun == threads)

        request = httpx.Request("POST", f"{service.url}/v1/search", files={"image": jpeg(1)})
        with socket.create_connection((request.url.host, request.url.port or 80)) as leaving:
            leaving.sendall(b"POST /v1/search HTTP/1.1\r\n")
            for name, value in request.headers.raw:
                leaving.sendall(name + b": " + value + b"\r\n")
            leaving.sendall(b"\r\n" + request.read())
            wait_until(lambda: service.state.searches.admitted == threads + 1)
        wait_until(lambda: service.state.searches.admitted == threads)
        held.may_go_on.set()

        assert [reply.result().status_code for reply in at_work] == [200] * threads
        assert service.client.post("/v1/search", files={"image": jpeg(1)}).status_code == 200
        assert held.begun == threads + 1
        assert service.state.searches.rejected == 0


def test_stopping_answers_all_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    with running(tmp_path, queue_wait_max_ms=10_000) as service:
        held = Held(monkeypatch)
        waiting = [ask(service, number) for number in range(8)]
        wait_until(lambda: service.state.searches.admitted == 8)
        threading.Timer(0.2, held.may_go_on.set).start()

    assert [reply.result().status_code for reply in waiting] == [200] * 8
