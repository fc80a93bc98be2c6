"""HTTP as cheap as a client can have it, so that what is timed is the service.

Requests are bytes made beforehand; of a reply only the status line, its length and two headers are
looked at.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

_BOUNDARY = b"----likeness-bench"
_AT_ONCE = 1 << 18
LONGEST_WAIT_S = 60.0
"""An answer that takes longer counts as none."""


def upload(path: str, **pictures: bytes) -> bytes:
    """A POST of JPEG files as a form, complete from request line to last boundary."""
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; name=%b; filename=picture.jpg\r\n"
        b"Content-Type: image/jpeg\r\n\r\n%b\r\n" % (_BOUNDARY, field.encode(), content)
        for field, content in pictures.items()
    )
    body += b"--%b--\r\n" % _BOUNDARY
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY.decode()}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


@dataclass(frozen=True)
class Reply:
    """`retry_after` in seconds, None where the header is absent; `closes`: the connection ends."""

    status: int
    body: bytes
    retry_after: float | None
    closes: bool

    def json(self) -> Any:
        return json.loads(self.body)


def reply_in(received: bytes | bytearray) -> Reply | None:
    """The reply that these bytes are, None while some of it is missing.

    Likeness answers with Content-Length; raises ValueError for a reply without.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = bytes(received[:end]).split(b"\r\n")
    headers: Mapping[bytes, bytes] = {
        name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)
    }
    if b"content-length" not in headers:
        raise ValueError(f"a reply without its length: {first!r}")
    start = end + 4
    stop = start + int(headers[b"content-length"])
    if len(received) < stop:
        return None
    waits = headers.get(b"retry-after")
    return Reply(
        status=int(first.split(b" ", 2)[1]),
        body=bytes(received[start:stop]),
        retry_after=None if waits is None else float(waits),
        closes=headers.get(b"connection", b"").lower() == b"close",
    )


class Connection:
    """One kept connection, for one request after another; use it with `with`."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request: bytes) -> Reply:
        """Raises OSError when the connection breaks or nothing comes within a minute."""
        self._socket.sendall(request)
        received = bytearray()
        while (reply := reply_in(received)) is None:
            more = self._socket.recv(_AT_ONCE)
            if not more:
                raise ConnectionResetError("the service closed the connection before it answered")
            received += more
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
