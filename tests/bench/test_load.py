"""The load generator against a real service, and against a server that hangs up."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.load import loaded
from bench.wire import reply_in, upload
from tests.pictures import jpeg
from tests.service.running import running


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(jpeg(number))
    return paths


def test_it_counts_what_the_service_counts(tmp_path: Path, pictures: list[Path]) -> None:
    with running(tmp_path / "home", queue_limit=2) as service:
        service.put("first", 0)
        port = int(service.url.rpartition(":")[2])

        load = loaded(port, pictures, clients=12, seconds=1.5)

        refused = service.state.searches.rejected
    assert set(load.statuses) == {"200", "503"}
    assert (load.sent, load.lost) == (load.answered, 0)
    assert load.statuses["503"] == refused
    assert load.without_retry_after == 0
    assert len(load.within_s) == load.statuses["200"]
    assert 0 < load.rate * load.seconds <= load.statuses["200"]
    assert load.cpu_s > 0


def test_few_clients_are_never_refused(tmp_path: Path, pictures: list[Path]) -> None:
    with running(tmp_path / "home", queue_limit=4) as service:
        service.put("first", 0)
        port = int(service.url.rpartition(":")[2])

        load = loaded(port, pictures, clients=4, seconds=0.5)

    assert load.statuses == {"200": load.sent}


def test_requests_that_are_hung_up_on_are_lost(hanging_up: int, pictures: list[Path]) -> None:
    load = loaded(hanging_up, pictures, clients=2, seconds=0.2)

    assert load.sent == load.lost >= 2
    assert load.answered == 0


@pytest.fixture
def hanging_up() -> Iterator[int]:
    """The port of a server that reads a little and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_reply_is_known_only_when_it_is_whole() -> None:
    whole = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 4\r\n\r\nbusy"

    assert all(reply_in(whole[:length]) is None for length in range(len(whole)))
    reply = reply_in(whole)
    assert reply is not None
    assert (reply.status, reply.body, reply.retry_after, reply.closes) == (503, b"busy", 2.0, False)


def test_a_reply_without_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="without its length"):
        reply_in(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_an_upload_states_the_length_it_has() -> None:
    head, _, body = upload("/v1/compare", image_1=b"one", image_2=b"two").partition(b"\r\n\r\n")

    assert f"Content-Length: {len(body)}".encode() in head
    assert body.index(b"name=image_1") < body.index(b"one") < body.index(b"name=image_2")
