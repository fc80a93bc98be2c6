"""Fetching from real servers: honest, slow, endless, broken and hostile ones."""

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest

from fetching.errors import (
    AddressInvalid,
    AddressRefused,
    FetchError,
    FetchStatus,
    FetchTimeout,
    FetchTooLarge,
    FetchUnreachable,
    TooManyRedirects,
)
from fetching.fetcher import Fetcher, FetchLimits
from fetching.policy import IPAddress, is_public

from .conftest import Server

LOOPBACK = IPv4Address("127.0.0.1")
OK = b"HTTP/1.1 200 OK\r\n"


def local(**limits: float) -> Fetcher:
    return Fetcher(FetchLimits(allow_private_networks=True, **limits))  # type: ignore[arg-type]


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with local(timeout_s=5) as fetcher:
        yield fetcher


class TestFetch:
    def test_body(self, server: Server, fetcher: Fetcher) -> None:
        server.reply("/a.jpg?v=1", b"picture")
        assert fetcher.fetch(server.url("/a.jpg?v=1#part")) == b"picture"

    def test_empty_body(self, server: Server, fetcher: Fetcher) -> None:
        server.reply("/", b"")
        assert fetcher.fetch(server.url()) == b""

    def test_chunked_body(self, server: Server, fetcher: Fetcher) -> None:
        chunks = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        server.raw("/", OK + chunks)
        assert fetcher.fetch(server.url()) == b"abcdefg"

    def test_body_until_the_connection_closes(self, server: Server, fetcher: Fetcher) -> None:
        server.raw("/", OK + b"\r\nall of it")
        assert fetcher.fetch(server.url()) == b"all of it"

    def test_request_says_who_asks_and_asks_for_no_compression(
        self, server: Server, fetcher: Fetcher
    ) -> None:
        server.reply("/")
        fetcher.fetch(server.url())
        request = server.requests[0].lower()
        assert "\r\nuser-agent: likeness/" in request
        assert "\r\naccept-encoding: identity\r\n" in request
        assert f"\r\nhost: 127.0.0.1:{server.port}\r\n" in request
        assert "cookie" not in request

    def test_proxies_of_the_environment_are_ignored(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        server.reply("/", b"direct")
        with local() as fetcher:
            assert fetcher.fetch(server.url()) == b"direct"

    @pytest.mark.parametrize("status", ["404 Not Found", "403 No", "500 Oops", "304 Same"])
    def test_status(self, server: Server, fetcher: Fetcher, status: str) -> None:
        server.reply("/a?key=secret", b"sorry", status)
        with pytest.raises(FetchStatus, match=status[:3]) as refusal:
            fetcher.fetch(server.url("/a?key=secret"))
        assert refusal.value.status == int(status[:3])
        assert "secret" not in str(refusal.value)

    def test_connection_is_kept_alive(self, server: Server, fetcher: Fetcher) -> None:
        server.reply("/", b"again")
        for _ in range(5):
            assert fetcher.fetch(server.url()) == b"again"
        assert server.connections == 1

    def test_connection_closed_while_idle_is_replaced(
        self, server: Server, fetcher: Fetcher
    ) -> None:
        # Promises to keep the connection, then closes it.
        server.raw("/", OK + b"Content-Length: 2\r\n\r\nok")
        for _ in range(10):
            assert fetcher.fetch(server.url()) == b"ok"

    def test_many_threads(self, server: Server, fetcher: Fetcher) -> None:
        for number in range(20):
            server.reply(f"/{number}", str(number).encode() * 1000)
        with ThreadPoolExecutor(40) as threads:
            urls = [server.url(f"/{number % 20}") for number in range(200)]
            bodies = list(threads.map(fetcher.fetch, urls))
        assert bodies == [str(number % 20).encode() * 1000 for number in range(200)]


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_are_followed(self, server: Server, fetcher: Fetcher, status: int) -> None:
        server.reply("/a", b"", f"{status} Go", "Location: /b?x=y\r\n")
        server.reply("/b?x=y", b"here")
        assert fetcher.fetch(server.url("/a")) == b"here"

    def test_as_many_as_allowed_and_no_more(self, server: Server, fetcher: Fetcher) -> None:
        for number in range(4):
            server.reply(f"/{number}", b"", "302 Go", f"Location: /{number + 1}\r\n")
        server.reply("/4", b"here")
        assert fetcher.fetch(server.url("/1")) == b"here"
        with pytest.raises(TooManyRedirects, match="more than 3 times"):
            fetcher.fetch(server.url("/0"))

    def test_loop(self, server: Server, fetcher: Fetcher) -> None:
        server.reply("/", b"", "302 Go", "Location: /\r\n")
        with pytest.raises(TooManyRedirects):
            fetcher.fetch(server.url())

    def test_without_a_target(self, server: Server, fetcher: Fetcher) -> None:
        server.reply("/", b"", "302 Go")
        with pytest.raises(FetchStatus, match="302"):
            fetcher.fetch(server.url())

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "http://u:secret@a.example/"])
    def test_to_what_is_no_web_address(self, server: Server, fetcher: Fetcher, target: str) -> None:
        server.reply("/", b"", "302 Go", f"Location: {target}\r\n")
        with pytest.raises(AddressInvalid) as refusal:
            fetcher.fetch(server.url())
        assert "secret" not in str(refusal.value)

    @pytest.mark.parametrize("by", ["address", "name"])
    def test_from_a_public_to_a_private_server(
        self, server: Server, private_server: Server, by: str
    ) -> None:
        hosts = {"shop.example": LOOPBACK, "inside.example": IPv4Address("127.0.0.2")}
        target = private_server.url("/", None if by == "address" else "inside.example")
        server.reply("/", b"", "302 Go", f"Location: {target}\r\n")
        private_server.reply("/", b"secret")
        policy = LOOPBACK.__eq__
        with (
            Fetcher(policy=policy, resolver=lambda host: [hosts[host]]) as fetcher,
            pytest.raises(AddressRefused, match="must not be fetched from"),
        ):
            fetcher.fetch(server.url("/", "shop.example"))
        assert len(server.requests) == 1
        assert private_server.connections == 0


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433",
         "0x7f000001", "0177.0.0.1", "127.1", "10.0.0.1", "169.254.169.254", "[64:ff9b::7f00:1]",
         "[::]", "①②⑦.⓪.⓪.①"],
    )  # fmt: skip
    def test_inside_ones_are_refused_by_default(self, server: Server, host: str) -> None:
        server.reply("/", b"secret")
        with Fetcher() as fetcher, pytest.raises(AddressRefused):
            fetcher.fetch(server.url("/", host))
        assert server.connections == 0

    def test_link_local_stays_refused_when_private_networks_are_allowed(
        self, fetcher: Fetcher
    ) -> None:
        with pytest.raises(AddressRefused):
            fetcher.fetch("http://169.254.169.254/latest/meta-data/")

    def test_one_bad_address_among_good_ones_is_enough(self, server: Server) -> None:
        both = [LOOPBACK, IPv4Address("127.0.0.2")]
        with (
            Fetcher(policy=LOOPBACK.__eq__, resolver=lambda _: both) as fetcher,
            pytest.raises(AddressRefused),
        ):
            fetcher.fetch(server.url("/", "shop.example"))
        assert server.connections == 0

    def test_the_checked_address_is_the_one_connected_to(self, server: Server) -> None:
        answers: Iterator[list[IPAddress]] = iter([[LOOPBACK], [IPv4Address("10.0.0.1")]])
        server.reply("/", b"public")
        checked: list[IPAddress] = []

        def policy(address: IPAddress) -> bool:
            checked.append(address)
            return address == LOOPBACK

        with Fetcher(policy=policy, resolver=lambda _: next(answers)) as fetcher:
            assert fetcher.fetch(server.url("/", "rebinding.example")) == b"public"
        assert checked == [LOOPBACK]
        assert f"Host: rebinding.example:{server.port}" in server.requests[0]

    def test_next_address_is_tried_when_the_first_refuses(self, server: Server) -> None:
        server.reply("/", b"second")
        both = [ip_address("::1"), LOOPBACK]
        with Fetcher(policy=lambda _: True, resolver=lambda _: both) as fetcher:
            assert fetcher.fetch(server.url("/", "two.example")) == b"second"

    def test_unknown_host(self) -> None:
        def unknown(_: str) -> list[IPAddress]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        with (
            Fetcher(resolver=unknown) as fetcher,
            pytest.raises(FetchUnreachable, match="spelling"),
        ):
            fetcher.fetch("http://nowhere.example/")

    def test_host_without_addresses(self) -> None:
        with Fetcher(resolver=lambda _: []) as fetcher, pytest.raises(FetchUnreachable):
            fetcher.fetch("http://nowhere.example/")

    def test_nobody_listens(self, fetcher: Fetcher) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        with pytest.raises(FetchUnreachable, match="could not be connected to"):
            fetcher.fetch(f"http://127.0.0.1:{port}/a?secret")

    def test_default_policy_is_the_public_internet(self) -> None:
        seen: list[str] = []

        def resolver(host: str) -> list[IPAddress]:
            seen.append(host)
            return [IPv4Address("192.168.0.9")]

        assert not is_public(IPv4Address("192.168.0.9"))
        with Fetcher(resolver=resolver) as fetcher, pytest.raises(AddressRefused, match="intranet"):
            fetcher.fetch("https://intranet.example/")
        assert seen == ["intranet.example"]


class TestDeadline:
    """Each of these servers would go on for ever; that the test ends is the proof."""

    LIMITS = FetchLimits(timeout_s=0.3, allow_private_networks=True)

    def times_out(self, url: str, **options: object) -> str:
        with Fetcher(self.LIMITS, **options) as fetcher:  # type: ignore[arg-type]
            with pytest.raises(FetchTimeout) as refusal:
                fetcher.fetch(url)
            return str(refusal.value)

    def test_silence(self, server: Server) -> None:
        server.answers["/?secret"] = server.silence
        message = self.times_out(server.url("/?secret"))
        assert "0.3 s" in message
        assert "secret" not in message

    def test_headers_byte_by_byte(self, server: Server) -> None:
        server.drip("/", OK + b"X-Slow: ", b"a")
        self.times_out(server.url())

    def test_body_byte_by_byte(self, server: Server) -> None:
        server.drip("/", OK + b"Content-Length: 1000000\r\n\r\n", b"a")
        self.times_out(server.url())

    def test_early_hints_without_end(self, server: Server) -> None:
        server.drip("/", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")
        self.times_out(server.url())

    def test_redirects_share_one_deadline(self, server: Server) -> None:
        def late(connection: socket.socket, _: str) -> None:
            server.stopping.wait(0.2)
            connection.sendall(b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: /\r\n\r\n")

        server.answers["/"] = late
        self.times_out(server.url())

    def test_look_up_that_hangs(self, server: Server) -> None:
        def hang(_: str) -> list[IPAddress]:
            server.stopping.wait()
            return []

        self.times_out("http://slow.example/", resolver=hang)

    def test_look_ups_that_hang_are_bounded(self, server: Server) -> None:
        def hang(_: str) -> list[IPAddress]:
            server.stopping.wait()
            return []

        before = threading.active_count()
        with Fetcher(self.LIMITS, resolver=hang) as fetcher, ThreadPoolExecutor(40) as threads:
            fetches = [threads.submit(fetcher.fetch, f"http://{n}.example/") for n in range(40)]
            assert all(isinstance(fetch.exception(), FetchTimeout) for fetch in fetches)
        assert threading.active_count() - before <= 16

    def test_connection_that_is_never_accepted(self) -> None:
        # A full backlog: the system neither accepts nor refuses.
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            self.times_out(f"http://127.0.0.1:{full.getsockname()[1]}/")
            for one in waiting:
                one.close()

    def test_deadline_starts_anew_with_every_fetch_on_a_kept_connection(
        self, server: Server
    ) -> None:
        server.reply("/", b"ok")
        with Fetcher(self.LIMITS) as fetcher:
            assert fetcher.fetch(server.url()) == b"ok"
            time.sleep(0.35)
            assert fetcher.fetch(server.url()) == b"ok"
        assert server.connections == 1

    def test_pool_that_is_used_up(self, server: Server) -> None:
        server.answers["/"] = server.silence
        with Fetcher(self.LIMITS) as fetcher, ThreadPoolExecutor(40) as threads:
            fetches = [threads.submit(fetcher.fetch, server.url()) for _ in range(40)]
            assert all(isinstance(fetch.exception(), FetchTimeout) for fetch in fetches)


class TestSize:
    def test_exactly_the_limit(self, server: Server) -> None:
        server.reply("/", b"a" * 1000)
        with local(max_bytes=1000) as fetcher:
            assert len(fetcher.fetch(server.url())) == 1000

    def test_stated_size_is_refused_before_the_body_comes(self, server: Server) -> None:
        server.drip("/", OK + b"Content-Length: 1001\r\n\r\n", b"", pause_s=1)
        with local(max_bytes=1000) as fetcher, pytest.raises(FetchTooLarge, match="1,000 bytes"):
            fetcher.fetch(server.url())

    def test_endless_body_without_a_stated_size(self, server: Server) -> None:
        server.drip("/", OK + b"\r\n", b"a" * 65_536, pause_s=0)
        with local(max_bytes=300_000) as fetcher, pytest.raises(FetchTooLarge):
            fetcher.fetch(server.url())

    def test_compressed_though_not_asked_for(self, server: Server, fetcher: Fetcher) -> None:
        body = b"id,image\n1,a.jpg\n" * 100
        server.reply("/", gzip.compress(body), headers="Content-Encoding: gzip\r\n")
        assert fetcher.fetch(server.url()) == body

    def test_compressed_bomb_is_never_unpacked(self, server: Server) -> None:
        bomb = gzip.compress(b"\0" * 50_000_000)
        server.reply("/", bomb, headers="Content-Encoding: gzip\r\n")
        with local(max_bytes=100_000) as fetcher:
            tracemalloc.start()
            try:
                with pytest.raises(FetchTooLarge):
                    fetcher.fetch(server.url())
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 5_000_000

    @pytest.mark.parametrize(
        ("body", "encoding"),
        [(b"not gzip", "gzip"), (gzip.compress(b"abc" * 99)[:20], "gzip"), (b"x", "br")],
    )
    def test_compressed_but_unreadable(
        self, server: Server, fetcher: Fetcher, body: bytes, encoding: str
    ) -> None:
        server.reply("/", body, headers=f"Content-Encoding: {encoding}\r\n")
        with pytest.raises(FetchUnreachable, match=r"compressed|encoding"):
            fetcher.fetch(server.url())


class TestBrokenAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            OK + b"Content-Length: 100\r\n\r\nonly this",
            OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
            OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            OK + b"Content-Length: many\r\n\r\nx",
            OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            OK + b"X: " + b"a" * 200_000,
            b"",
            b"HTTP/1.1 999999 \r\n\r\n",
            b"\x16\x03\x01 not http at all\r\n\r\n",
            b"SSH-2.0-OpenSSH_9\r\n",
        ],
        ids=lambda answer: repr(answer[:60]),
    )
    def test_are_unreachable_not_a_crash(
        self, server: Server, fetcher: Fetcher, answer: bytes
    ) -> None:
        server.raw("/?secret", answer)
        with pytest.raises(FetchUnreachable) as refusal:
            fetcher.fetch(server.url("/?secret"))
        assert "secret" not in str(refusal.value)

    def test_fetcher_works_on_after_errors(self, server: Server, fetcher: Fetcher) -> None:
        server.raw("/bad", OK + b"Content-Length: 100\r\n\r\nonly this")
        server.reply("/good", b"good")
        for _ in range(40):
            with pytest.raises(FetchError):
                fetcher.fetch(server.url("/bad"))
        assert fetcher.fetch(server.url("/good")) == b"good"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for shop.example, signed by itself."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "shop.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", path, "-out", path.with_suffix(".crt"), "-days", "2",
         "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


class TestTls:
    @pytest.fixture
    def port(self, certificate: Path) -> Iterator[int]:
        """A TLS server that answers one line to everyone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        secured.recv(65_536)
                        secured.sendall(OK + b"Content-Length: 6\r\n\r\nsecret")
                except OSError:
                    connection.close()  # the fetcher does not trust the certificate

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.close()

    def fetch(self, url: str, trusted: Path | None) -> bytes:
        context = ssl.create_default_context(cafile=trusted) if trusted else None
        with Fetcher(
            FetchLimits(timeout_s=5, allow_private_networks=True),
            resolver=lambda _: [LOOPBACK],
            ssl_context=context,
        ) as fetcher:
            return fetcher.fetch(url)

    def test_certificate_is_checked_against_the_name_not_the_pinned_address(
        self, certificate: Path, port: int
    ) -> None:
        assert self.fetch(f"https://shop.example:{port}/", certificate) == b"secret"

    def test_certificate_of_another_name(self, certificate: Path, port: int) -> None:
        with pytest.raises(FetchUnreachable, match="certificate"):
            self.fetch(f"https://other.example:{port}/", certificate)

    @pytest.mark.usefixtures("certificate")
    def test_certificate_of_nobody_trusted(self, port: int) -> None:
        with pytest.raises(FetchUnreachable, match="certificate"):
            self.fetch(f"https://shop.example:{port}/", None)

    def test_handshake_that_never_ends(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://shop.example:{silent.getsockname()[1]}/"
            limits = FetchLimits(timeout_s=0.3, allow_private_networks=True)
            with (
                Fetcher(limits, resolver=lambda _: [LOOPBACK]) as fetcher,
                pytest.raises(FetchTimeout),
            ):
                fetcher.fetch(url)

    def test_plain_server_behind_https(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def greet() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")
                    connection.recv(65_536)

            threading.Thread(target=greet, daemon=True).start()
            with pytest.raises(FetchUnreachable, match="TLS"):
                self.fetch(f"https://shop.example:{listener.getsockname()[1]}/", None)


class TestFetchLimits:
    @pytest.mark.parametrize(
        "limits",
        [
            {"max_bytes": 0},
            {"timeout_s": 0},
            {"timeout_s": float("nan")},
            {"connect_timeout_s": -1},
            {"max_redirects": -1},
        ],
    )
    def test_that_make_no_sense_are_refused(self, limits: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="it must be"):
            FetchLimits(**limits)  # type: ignore[arg-type]
