"""A stranger's URL -> bytes, without becoming the stranger's tool."""

import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType

import httpcore

from fetching.address import WebAddress
from fetching.connecting import Deadline, PinnedBackend, Resolver, resolve_by_system
from fetching.errors import (
    FetchStatus,
    FetchTimeout,
    FetchTooLarge,
    FetchUnreachable,
    TooManyRedirects,
)
from fetching.policy import AddressPolicy, is_public, is_public_or_private

_MOST_CONNECTIONS = 32
_MOST_IDLE_CONNECTIONS = 16
_IDLE_SECONDS = 15.0
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost and where it may go.

    `timeout_s` is for all of it: look-up, connecting, redirects, headers and body.
    Raises `ValueError` for limits that make no sense.
    """

    max_bytes: int = 20_971_520
    timeout_s: float = 10.0
    connect_timeout_s: float = 3.0
    max_redirects: int = 3
    allow_private_networks: bool = False

    def __post_init__(self) -> None:
        for name in ("max_bytes", "timeout_s", "connect_timeout_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be more than 0.")
        if self.max_redirects < 0:
            raise ValueError(f"max_redirects is {self.max_redirects}; it must be 0 or more.")


class Fetcher:
    """Fetches http and https addresses; thread-safe; keeps connections alive until closed.

    Only addresses that `policy` allows are connected to, at every redirect; by default the public
    internet, and private networks as well when the limits allow them. Proxies and other settings
    of the environment are ignored, nothing is sent but the request (no cookies, no referrer).
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        policy: AddressPolicy | None = None,
        resolver: Resolver = resolve_by_system,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        if policy is None:
            policy = is_public_or_private if self._limits.allow_private_networks else is_public
        self._deadline = Deadline()
        self._ssl_context = ssl_context
        self._backend = PinnedBackend(
            policy, resolver, self._deadline, self._limits.connect_timeout_s
        )
        self._opening = threading.Lock()
        self._pool: httpcore.ConnectionPool | None = None
        self._user_agent = _user_agent()
        self._closed = False

    def fetch(self, url: str) -> bytes:
        """The body behind an address, following redirects. May be empty.

        Raises only `FetchError`: `AddressInvalid`, `AddressRefused`, `FetchTimeout`,
        `FetchTooLarge`, `TooManyRedirects`, `FetchStatus` or `FetchUnreachable`.
        """
        start = address = WebAddress.parse(url)
        self._deadline.start(self._limits.timeout_s)
        for _ in range(self._limits.max_redirects + 1):
            with self._at_the_border(address), self._answer_to(address) as response:
                if (location := _redirect(response)) is None:
                    return self._body(response, address)
            address = address.redirected(location)
        raise TooManyRedirects(
            f"{start} was redirected more than {self._limits.max_redirects} times, at last to "
            f"{address}. Give the address of the file itself."
        )

    def close(self) -> None:
        """Closes all connections; one that a fetch still uses is closed when it is through."""
        self._closed = True
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _connections(self) -> httpcore.ConnectionPool:
        """The pool, opened by the first fetch: reading the system's certificates takes a tenth of
        a second, and most programs never fetch."""
        with self._opening:
            if self._pool is None:
                self._pool = httpcore.ConnectionPool(
                    ssl_context=self._ssl_context or httpcore.default_ssl_context(),
                    max_connections=_MOST_CONNECTIONS,
                    max_keepalive_connections=_MOST_IDLE_CONNECTIONS,
                    keepalive_expiry=_IDLE_SECONDS,
                    network_backend=self._backend,
                )
            return self._pool

    @contextmanager
    def _answer_to(self, address: WebAddress) -> Iterator[httpcore.Response]:
        """Sends the request and reads the headers of the answer."""
        request = httpcore.Request(
            "GET",
            httpcore.URL(
                scheme=address.scheme.encode(),
                host=address.host.encode(),
                port=address.port,
                target=address.target.encode(),
            ),
            headers={
                "Host": address.authority,
                "User-Agent": self._user_agent,
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            extensions={"timeout": {"pool": self._deadline.remaining()}},
        )
        connections = self._connections()
        try:
            response = connections.handle_request(request)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            # A connection kept alive may be closed by the server just as it is used again.
            response = connections.handle_request(request)
        try:
            yield response
        finally:
            response.close()
            if self._closed:
                # The connection has just gone back to a pool that nobody would close again.
                connections.close()

    def _body(self, response: httpcore.Response, address: WebAddress) -> bytes:
        if not 200 <= response.status < 300:
            raise FetchStatus(
                f"{address} answered with status {response.status}. {_remedy(response.status)}",
                response.status,
            )
        stated = _header(response, b"content-length")
        if stated.isdigit() and int(stated) > self._limits.max_bytes:
            raise self._too_large(address)
        body = bytearray()
        for part in _decoded(response, address, self._limits.max_bytes):
            body += part
            if len(body) > self._limits.max_bytes:
                raise self._too_large(address)
        return bytes(body)

    def _too_large(self, address: WebAddress) -> FetchTooLarge:
        return FetchTooLarge(
            f"{address} sends more than the {self._limits.max_bytes:,} bytes that are accepted. "
            "Give the address of a smaller file."
        )

    @contextmanager
    def _at_the_border(self, address: WebAddress) -> Iterator[None]:
        try:
            yield
        except httpcore.ConnectTimeout as exc:
            raise FetchTimeout(
                f"{address} could not be connected to in time. Check that the server is up and "
                "can be reached from here."
            ) from exc
        except httpcore.TimeoutException as exc:
            raise FetchTimeout(
                f"{address} did not deliver everything within {self._limits.timeout_s:g} s. "
                "Try again later, or give the address of a smaller file or a faster server."
            ) from exc
        except httpcore.ConnectError as exc:
            secured = any(isinstance(cause, ssl.SSLError) for cause in exc.args)
            raise FetchUnreachable(
                f"{address} could not be connected to: "
                f"{'its TLS certificate or handshake is not valid' if secured else exc}. "
                "Check that the address opens in a browser."
            ) from exc
        except (httpcore.NetworkError, httpcore.ProtocolError) as exc:
            raise FetchUnreachable(
                f"{address} broke off or gave an answer that is not proper HTTP. "
                "Check that the address opens in a browser, then try again."
            ) from exc


def _redirect(response: httpcore.Response) -> str | None:
    location = _header(response, b"location")
    if response.status in _REDIRECTS and location:
        return location.decode("utf-8", errors="replace")
    return None


def _header(response: httpcore.Response, name: bytes) -> bytes:
    return next((value.strip() for key, value in response.headers if key.lower() == name), b"")


def _decoded(response: httpcore.Response, address: WebAddress, max_bytes: int) -> Iterator[bytes]:
    """The body without its transfer compression, of which servers ignore that it was not asked
    for. No part is unpacked to more than one byte above the limit."""
    encoding = _header(response, b"content-encoding").lower()
    if encoding in (b"", b"identity"):
        yield from response.iter_stream()
    elif encoding in (b"gzip", b"x-gzip", b"deflate"):
        yield from _inflated(response, address, max_bytes)
    else:
        raise FetchUnreachable(
            f"{address} answers in the encoding {encoding.decode('latin-1')!r}, which was not "
            "asked for. Give the address of a server that sends the file as it is."
        )


def _inflated(response: httpcore.Response, address: WebAddress, max_bytes: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either header, gzip or zlib
    try:
        for part in response.iter_stream():
            yield inflate.decompress(part, max_bytes + 1)
    except zlib.error as exc:
        raise FetchUnreachable(
            f"{address} sends a compressed answer that is damaged. Try again, or give the "
            "address of a server that sends the file as it is."
        ) from exc
    if not inflate.eof:
        raise FetchUnreachable(f"{address} broke off inside a compressed answer. Try again.")


def _remedy(status: int) -> str:
    if status in (401, 403):
        return "The file must be public to be fetched."
    if status in (404, 410):
        return "There is no such file: correct the address."
    if status == 429 or status >= 500:
        return "The server is busy or has a fault: try again later."
    return "Check that the address opens in a browser without signing in."


def _user_agent() -> str:
    try:
        return f"Likeness/{version('likeness')}"
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "Likeness"
