"""A service on a real socket over a real home, for tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from retrieval.assembly import assemble
from retrieval.home import Home
from service.app import create_app
from service.keeping import Keeper
from service.settings import ServiceSettings
from service.state import ServiceState
from tests.pictures import jpeg

PROBLEM = "application/problem+json"


@dataclass
class Service:
    """A running service: a client of it, and what it works with inside."""

    client: httpx.Client
    state: ServiceState
    url: str

    def put(self, product_id: str, number: int, **fields: Any) -> dict[str, Any]:
        """Store a product with picture `number`; the answer."""
        reply = self.client.put(
            f"/v1/products/{product_id}", files={"image": jpeg(number)}, data=fields
        )
        assert reply.status_code in (200, 201), reply.text
        stored: dict[str, Any] = reply.json()
        return stored

    def search(self, number: int, **parameters: Any) -> dict[str, Any]:
        """What is found with picture `number`."""
        reply = self.client.post("/v1/search", files={"image": jpeg(number)}, params=parameters)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def found(self, number: int, **parameters: Any) -> list[str]:
        return [hit["product_id"] for hit in self.search(number, **parameters)["hits"]]


@contextmanager
def running(home: Path, **settings: Any) -> Iterator[Service]:
    """A service over `home` until the block ends."""
    with Home(ServiceSettings(home=home, **settings)) as opened:
        yield from _served(opened)


def _served(home: Home) -> Iterator[Service]:
    assert isinstance(home.settings, ServiceSettings)
    home.ensure_collection(home.settings.collection)
    with Keeper(assemble(home), home.settings.follow_interval_s) as keeper:
        yield from _answering(create_app(home.settings, keeper))


def _answering(app: FastAPI) -> Iterator[Service]:
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=5
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            while client.get("/health/ready").status_code != 200:
                time.sleep(0.01)
            yield Service(client, app.state.service, url)
    finally:
        server.should_exit = True
        thread.join()


def assert_problem(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The reply is a problem document of that kind; the document."""
    document: dict[str, Any] = reply.json()
    assert (reply.status_code, document.get("code")) == (status, code), reply.text
    assert reply.headers["content-type"] == PROBLEM
    assert document["status"] == status
    assert document["type"] == f"urn:likeness:problem:{code}"
    assert document["title"]
    assert document["detail"].endswith((".", "?", "`", ")", "…"))
    return document


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    """Asks again and again; fails when it is not so in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
