"""Connections that go to a checked address, and never outlast their deadline."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore

from fetching.errors import AddressRefused, FetchUnreachable
from fetching.policy import AddressPolicy, IPAddress

Resolver = Callable[[str], Sequence[IPAddress]]
"""Host name -> all its addresses; raises `OSError` when there are none. May block for long."""

_MOST_LOOKUPS = 16


def resolve_by_system(host: str) -> Sequence[IPAddress]:
    """All addresses of a host by the system's resolver, in the order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


class Deadline(threading.local):
    """The moment at which the fetch of the current thread must be over."""

    _moment = 0.0

    def start(self, seconds: float) -> None:
        self._moment = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, always positive. Raises `httpcore.ReadTimeout` when there are none."""
        left = self._moment - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves a host, checks every address by the policy, and connects to what it checked.

    Looking the name up a second time, as connecting by name would, lets its owner answer with a
    harmless address first and a private one then. TLS still sees the host name. Every operation
    of a connection is cut at the deadline of the fetch that uses it at the time.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        resolver: Resolver,
        deadline: Deadline,
        connect_timeout_s: float,
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._deadline = deadline
        self._connect_timeout_s = connect_timeout_s
        self._sockets = httpcore.SyncBackend()
        self._lookups = threading.BoundedSemaphore(_MOST_LOOKUPS)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises `AddressRefused`, `FetchUnreachable` and httpcore's errors of connecting."""
        addresses = self._lookup(host)
        if not all(self._policy(address) for address in addresses):
            raise AddressRefused(
                f"The host {host!r} leads to an address that must not be fetched from, such as "
                "one of a private network. Use a public address, or let the operator allow "
                "private networks."
            )
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            seconds = min(self._connect_timeout_s, self._deadline.remaining())
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
            else:
                return _BoundedStream(stream, self._deadline)
        raise failure or FetchUnreachable(f"The host {host!r} has no address. Check its spelling.")

    def _lookup(self, host: str) -> Sequence[IPAddress]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass  # a name
        try:
            return self._resolve(host).result(self._deadline.remaining())
        except FutureTimeout as exc:
            raise httpcore.ConnectTimeout("looking up the host took too long") from exc
        except (OSError, UnicodeError) as exc:
            raise FetchUnreachable(
                f"The host {host!r} is not known. Check its spelling, and that names can be "
                "looked up from here."
            ) from exc

    def _resolve(self, host: str) -> "Future[Sequence[IPAddress]]":
        """Looks a name up in a thread of its own, for the system's resolver cannot be stopped.

        Threads that hang are bounded in number, and do not keep the program from ending.
        """
        answer: Future[Sequence[IPAddress]] = Future()

        def look_up() -> None:
            try:
                answer.set_result(self._resolver(host))
            except Exception as exc:
                answer.set_exception(exc)
            finally:
                self._lookups.release()

        if not self._lookups.acquire(timeout=self._deadline.remaining()):
            raise httpcore.ConnectTimeout("too many look-ups are hanging")
        threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
        return answer


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline, not some seconds after the last byte."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.remaining())

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.remaining())
        return _BoundedStream(secured, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
