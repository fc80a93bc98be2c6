"""A real HTTP server on loopback whose answers a test writes itself."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

Answer = Callable[[socket.socket, str], None]
"""Writes the answer to a request for a path to the connection; returning closes it."""


class Server:
    """Answers every request by `answers[path]`; keeps the requests and counts connections."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server((host, 0))
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    def reply(
        self, path: str, body: bytes = b"", status: str = "200 OK", headers: str = ""
    ) -> None:
        """A complete and honest answer that keeps the connection open."""
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.raw(path, head.encode() + body, keep_alive=True)

    def raw(self, path: str, answer: bytes, *, keep_alive: bool = False) -> None:
        def send(connection: socket.socket, _: str) -> None:
            connection.sendall(answer)

        send.keep_alive = keep_alive  # type: ignore[attr-defined]
        self.answers[path] = send

    def drip(self, path: str, start: bytes, piece: bytes, pause_s: float = 0.02) -> None:
        """Sends `start`, then `piece` again and again until the other side has enough."""

        def send(connection: socket.socket, _: str) -> None:
            connection.sendall(start)
            while not self.stopping.wait(pause_s):
                connection.sendall(piece)

        self.answers[path] = send

    def silence(self, connection: socket.socket, path: str) -> None:
        """An answer that never comes."""
        self.stopping.wait()

    def close(self) -> None:
        self.stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the fetcher hung up
            while request := self._read(connection):
                self.requests.append(request)
                path = request.split(" ")[1]
                answer = self.answers[path]
                answer(connection, path)
                if not getattr(answer, "keep_alive", False):
                    return

    @staticmethod
    def _read(connection: socket.socket) -> str:
        request = b""
        while b"\r\n\r\n" not in request:
            if not (part := connection.recv(65_536)):
                return ""
            request += part
        return request.decode("latin-1")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def private_server() -> Iterator[Server]:
    """On another loopback address, which a policy can tell from that of `server`."""
    try:
        server = Server("127.0.0.2")
    except OSError:
        pytest.skip("this system has no loopback address 127.0.0.2")
    yield server
    server.close()
