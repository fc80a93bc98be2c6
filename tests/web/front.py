"""A server in front of the service: pages of a shop, and the faults of a bad day.

Everything but its own pages is passed on to the service and recorded. A fault is for one search:
the next one that has none yet.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

SAME_ORIGIN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "content-encoding"}


@dataclass
class Refusal:
    """The search is answered with this and does not reach the service."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Delay:
    """The search waits for `release`, then reaches the service."""

    arrived: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Call:
    """One request that was passed on, or refused."""

    method: str
    path: str
    content_type: str
    body: bytes

    def fields(self) -> dict[str, bytes]:
        """The parts of a multipart body by name."""
        head = f"Content-Type: {self.content_type}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {
            str(part.get_param("name", header="content-disposition")): _bytes(part)
            for part in message.iter_parts()
        }


class Front:
    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.calls: list[Call] = []
        self.faults: deque[Refusal | Delay] = deque()
        self._pages: dict[str, tuple[bytes, str]] = {}

    def show(
        self, path: str, body: str, *, head: str = "", policy: str = SAME_ORIGIN_POLICY
    ) -> str:
        """Serve a page with the widget's script of this origin; its address."""
        script = '<script type="module" src="/widget/visual-search.js"></script>'
        self._pages[path] = (_document(head or script, body), policy)
        return self.url + path

    @property
    def searches(self) -> list[Call]:
        return [call for call in self.calls if call.path.startswith("/v1/search")]

    def page_at(self, path: str) -> tuple[bytes, str] | None:
        return self._pages.get(path.partition("?")[0])

    def fault_of(self, call: Call) -> Refusal | Delay | None:
        self.calls.append(call)
        searching = call.method == "POST" and call.path.startswith("/v1/search")
        return self.faults.popleft() if searching and self.faults else None


@contextmanager
def in_front_of(service: str, port: int = 0) -> Iterator[Front]:
    """Serves until the block ends; every search that is still delayed is let go first."""
    front = Front(service)
    held: list[Delay] = []
    # A kept connection that the service has just closed would fail a search that is not at fault.
    unkept = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=service, timeout=60, trust_env=False, limits=unkept) as upstream:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(front, upstream, held))
        front.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield front
        finally:
            for delay in held:
                delay.release.set()
            server.shutdown()
            thread.join()
            server.server_close()


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _document(head: str, body: str) -> bytes:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"{head}</head><body><main><h1>Shop</h1>{body}</main></body></html>"
    ).encode()


def _handler(
    front: Front, upstream: httpx.Client, held: list[Delay]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = front.page_at(self.path)
            if page is None:
                self._pass_on()
            else:
                body, policy = page
                headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
                self._answer(200, headers, body)

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: the browser's side is what the tests look at."""

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = Call(self.command, self.path, self.headers.get("Content-Type", ""), body)
            fault = front.fault_of(call)
            if isinstance(fault, Refusal):
                self._answer(fault.status, fault.headers, fault.body)
                return
            if isinstance(fault, Delay):
                held.append(fault)
                fault.arrived.set()
                fault.release.wait()
            try:
                reply = upstream.request(
                    self.command, self.path, content=body, headers=_passed_on(self.headers)
                )
            except httpx.TransportError as error:
                self._answer(502, {"Content-Type": "text/plain"}, repr(error).encode())
                return
            self._answer(reply.status_code, _passed_on(reply.headers), reply.content)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # The browser has cancelled.

    return Handler


def _passed_on(headers: Message | httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON}
