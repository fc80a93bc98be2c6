"""Fixtures of the indexer's tests."""

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.indexer.shop import Program, Shop, Web, open_shop, picture_bytes


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An empty shop that trusts private networks, where the test servers are."""
    opened = open_shop(tmp_path / "home", fetch_private_networks=True)
    yield opened
    opened.home.close()


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Further shops, or ones with other settings."""
    opened: list[Shop] = []

    def make(**settings: Any) -> Shop:
        root = settings.pop("home", tmp_path / f"home-{len(opened)}")
        opened.append(open_shop(root, **settings))
        return opened[-1]

    yield make
    for each in opened:
        each.home.close()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of twelve pictures: four at the top, four in each of two sub-folders."""
    root = tmp_path / "photos"
    for number in range(12):
        folder = root / ("", "mugs", "shoes/red")[number // 4]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02d}.jpg").write_bytes(picture_bytes(number))
    return root


@pytest.fixture
def many_photos(tmp_path: Path) -> Path:
    """A folder of forty pictures: five batches."""
    root = tmp_path / "many"
    root.mkdir()
    for number in range(40):
        (root / f"{number:02d}.jpg").write_bytes(picture_bytes(number))
    return root


@pytest.fixture
def web() -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            if self.path in site.held:
                site.held[self.path].wait(60)
            content = site.pages.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was killed breaks off; that is what the tests want."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Web(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    for event in site.held.values():
        event.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    """A command line on the home of `shop`; further settings in lower case, without prefix."""

    def make(**settings: object) -> Program:
        chosen = {
            "home": tmp_path / "home",
            "index_batch_size": 8,
            "index_fetch_threads": 4,
            "fetch_private_networks": True,
            "worker_poll_s": 0.05,
            **settings,
        }
        env = {
            **{name: value for name, value in os.environ.items() if "LIKENESS" not in name},
            **{f"LIKENESS_{name.upper()}": str(value) for name, value in chosen.items()},
        }
        return Program(Path(str(chosen["home"])), env)

    return make
