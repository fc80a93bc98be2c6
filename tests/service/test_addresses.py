"""Pictures by address: fetched from a real server, and refused where a stranger must not lead."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running

STOPPED = threading.Event()


class Shop(BaseHTTPRequestHandler):
    """/N.jpg is picture N; the other paths misbehave, each in its way."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(".jpg"):
            self.answer(jpeg(int(path[1:-4])))
        elif path == "/text":
            self.answer(b"<html>not found</html>")
        elif path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
        elif path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not STOPPED.is_set():
                    self.wfile.write(b"x" * 65_536)
        elif path == "/slow":
            STOPPED.wait(30)
        else:
            self.send_error(404)

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    STOPPED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    STOPPED.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that may fetch from this machine, with products p0 to p4."""
    with running(
        tmp_path_factory.mktemp("home"),
        fetch_private_networks=True,
        fetch_timeout_s=0.5,
        picture_max_bytes=1_000_000,
    ) as service:
        for number in range(5):
            service.put(f"p{number}", number)
        yield service


class TestFetched:
    def test_search(self, trusting: Service, shop: str) -> None:
        for reply in (
            trusting.client.post("/v1/search", json={"urls": [f"{shop}/3.jpg"]}),
            trusting.client.post("/v1/search", data={"url": f"{shop}/3.jpg"}),
            trusting.client.post("/v1/search", params={"url": f"{shop}/3.jpg"}),
            trusting.client.post("/v1/search", files={"url": (None, f"{shop}/3.jpg".encode())}),
        ):
            assert reply.json()["hits"][0]["product_id"] == "p3", reply.text
            assert reply.json()["took_ms"]["fetch"] > 0

    def test_several(self, trusting: Service, shop: str) -> None:
        reply = trusting.client.post(
            "/v1/search", json={"urls": [f"{shop}/{n}.jpg" for n in (4, 0)], "limit": 1}
        ).json()

        assert [each["hits"][0]["product_id"] for each in reply["results"]] == ["p4", "p0"]
        assert reply["results"][1]["query"] == {"field": "urls[1]", "url": f"{shop}/0.jpg"}

    def test_upsert_remembers_where_from(self, trusting: Service, shop: str) -> None:
        reply = trusting.client.put("/v1/products/u", json={"image_urls": [f"{shop}/9.jpg"]})

        assert reply.json()["product"]["images"][0]["source"] == f"{shop}/9.jpg"
        assert trusting.found(9)[0] == "u"

    def test_compare(self, trusting: Service, shop: str) -> None:
        reply = trusting.client.post(
            "/v1/compare", json={"url_1": f"{shop}/1.jpg", "url_2": f"{shop}/1.jpg"}
        )

        assert reply.json()["similarity"] == pytest.approx(1, abs=1e-4)


class TestRefused:
    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/loop", 422, "too-many-redirects"),
            ("/away", 422, "address-refused"),
            ("/endless", 422, "fetch-too-large"),
            ("/slow", 422, "fetch-timeout"),
            ("/nothing", 422, "fetch-status"),
            ("/text", 415, "picture-unsupported"),
        ],
    )
    def test_servers_that_misbehave(
        self, trusting: Service, shop: str, path: str, status: int, code: str
    ) -> None:
        good = f"{shop}/1.jpg"
        reply = trusting.client.post("/v1/search", json={"urls": [good, f"{shop}{path}"]})
        document = assert_problem(reply, status, code)

        assert document["errors"][0]["field"] == "urls[1]"
        put = trusting.client.put("/v1/products/x", json={"image_urls": [f"{shop}{path}"]})
        assert_problem(put, status, code)

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("http://127.0.0.1/a.jpg", "address-refused"),
            ("http://localhost/a.jpg", "address-refused"),
            ("http://[::1]/a.jpg", "address-refused"),
            ("http://169.254.169.254/latest", "address-refused"),
            ("http://10.0.0.1/", "address-refused"),
            ("http://0.0.0.0/", "address-refused"),
            ("http://2130706433/", "address-refused"),
            ("http://[::ffff:127.0.0.1]/", "address-refused"),
            ("file:///etc/passwd", "address-invalid"),
            ("gopher://x/", "address-invalid"),
            ("http://user:secret@shop.example/", "address-invalid"),
            ("http://", "address-invalid"),
            ("not an address", "address-invalid"),
            ("http://x/" + "a" * 9000, "address-invalid"),
        ],
    )
    def test_places_a_stranger_must_not_reach(self, stocked: Service, url: str, code: str) -> None:
        for reply in (
            stocked.client.post("/v1/search", json={"urls": [url]}),
            stocked.client.post("/v1/search", data={"url": url}),
            stocked.client.put("/v1/products/x", data={"image_url": url}),
            stocked.client.post("/v1/compare", json={"url_1": url, "product_id_2": "p1"}),
        ):
            assert_problem(reply, 422, code)
            assert "secret" not in reply.json()["detail"]
