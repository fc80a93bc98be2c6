"""Requests that are wrong before anybody looks at what they ask: bodies, methods, keys, faults."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from catalog.keys import ApiKeys
from catalog.records import Role
from retrieval.engine import SearchEngine
from service.errors import STATUS, ServiceBusy
from service.settings import ServiceSettings
from service.uploads import BodyLimits
from tests.pictures import jpeg
from tests.service.running import PROBLEM, Service, assert_problem, running, wait_until


def raw(service: Service, request: bytes) -> bytes:
    """The answer to bytes sent as they are."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def post(service: Service, body: bytes, kind: str) -> httpx.Response:
    return service.client.post("/v1/search", content=body, headers={"content-type": kind})


class TestMultipart:
    def test_without_boundary(self, stocked: Service) -> None:
        document = assert_problem(post(stocked, b"x", "multipart/form-data"), 400, "body-malformed")

        assert "boundary" in document["detail"]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"no form at all",
            b"--b\r\n",
            b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\nabc',
            b"--b\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--b--\r\n",
            b"--b\r\nX: y\r\n\r\nabc\r\n--b--\r\n",
            b"--b\r\nBad Header\r\n\r\nabc\r\n--b--\r\n",
            b"--b\r\nX: " + b"y" * 100_000 + b"\r\n\r\nabc\r\n--b--\r\n",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n' * 300 + b"--b--\r\n",
        ],
    )
    def test_malformed(self, stocked: Service, body: bytes) -> None:
        reply = post(stocked, body, "multipart/form-data; boundary=b")

        assert_problem(reply, 400, "body-malformed")

    @pytest.mark.parametrize(
        "kind",
        [
            "multipart/form-data; boundary=" + "b" * 5000,
            'multipart/form-data; boundary="',
            "multipart/form-data; boundary=\xe9",
            "multipart/form-data;;;; boundary",
            "multipart/mixed; boundary=b",
        ],
    )
    def test_strange_headers(self, stocked: Service, kind: str) -> None:
        reply = stocked.client.post(
            "/v1/search", content=b"--b--\r\n", headers={"content-type": kind.encode("latin-1")}
        )

        assert reply.status_code in (400, 415, 422)
        assert reply.headers["content-type"] == PROBLEM

    def test_names_that_are_no_text(self, stocked: Service) -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nabc\r\n--b--\r\n'

        assert_problem(
            post(stocked, body, "multipart/form-data; boundary=b"), 422, "fields-invalid"
        )


class TestBodies:
    def test_too_large_by_its_header(self, tmp_path: Path) -> None:
        with running(tmp_path, request_max_bytes=10_000) as service:
            head = (
                b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"
            )
            answer = raw(service, head)

            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"body-too-large" in answer

    def test_too_large_in_chunks(self, tmp_path: Path) -> None:
        def body() -> Iterator[bytes]:
            for _ in range(100):
                yield b"x" * 1000

        with running(tmp_path, request_max_bytes=10_000) as service:
            reply = service.client.post(
                "/v1/search", content=body(), headers={"content-type": "application/json"}
            )

            assert_problem(reply, 413, "body-too-large")
            assert service.client.get("/health/ready").status_code == 200

    def test_too_slow(self, tmp_path: Path) -> None:
        with running(tmp_path, upload_timeout_s=0.2) as service:
            host, port = service.url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                connection.sendall(
                    b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 100\r\n\r\n{"
                )
                answer = connection.recv(65_536)

            assert answer.startswith(b"HTTP/1.1 408 ")

    def test_more_than_is_held_at_once(self) -> None:
        async def scenario() -> None:
            settings = ServiceSettings(request_max_bytes=2000, uploads_max_bytes=3000)
            first_may_end = asyncio.Event()

            async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
                await receive()
                await first_may_end.wait()

            limits = BodyLimits(read_all, settings)
            scope = {"type": "http", "path": "/", "headers": []}

            async def received() -> Message:
                return {"type": "http.request", "body": b"x" * 2000, "more_body": False}

            async def send(message: Message) -> None:
                raise AssertionError(message)

            first = asyncio.create_task(limits(scope, received, send))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            with pytest.raises(ServiceBusy):
                await limits(scope, received, send)
            first_may_end.set()
            await first
            # What both held has been let go.
            await limits(scope, received, send)

        asyncio.run(scenario())

    def test_broken_off(self, stocked: Service) -> None:
        raw(
            stocked,
            b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{",
        )

        assert stocked.client.get("/health/ready").status_code == 200


class TestRouting:
    def test_nothing_there(self, stocked: Service) -> None:
        for path in ("/nowhere", "/v1/search/", "/v1/products2", "/v1/../etc/passwd", "/%00"):
            assert_problem(stocked.client.get(path), 404, "not-found")

    def test_another_method(self, stocked: Service) -> None:
        reply = stocked.client.get("/v1/search")

        assert "POST" in assert_problem(reply, 405, "method-not-allowed")["detail"]
        assert reply.headers["allow"] == "POST"
        assert stocked.client.request("PATCH", "/v1/search").status_code == 405

    def test_every_answer_has_an_id_and_may_not_be_sniffed(self, stocked: Service) -> None:
        replies = [stocked.client.get(path) for path in ("/", "/nowhere", "/health/live")]

        assert len({reply.headers["x-request-id"] for reply in replies}) == 3
        assert {reply.headers["x-content-type-options"] for reply in replies} == {"nosniff"}

    def test_headers_that_play_tricks(self, stocked: Service) -> None:
        for header in (
            {"x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "gopher"},
            {"host": "evil.example"},
            {"x-http-method-override": "DELETE"},
            {"range": "bytes=0-1"},
        ):
            reply = stocked.client.get("/v1/products/p1", headers=header)

            assert reply.json()["product"]["id"] == "p1"


class TestFaults:
    def test_ours_are_told_without_their_inside(
        self, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*arguments: object, **options: object) -> None:
            raise RuntimeError("the secret inside")

        monkeypatch.setattr(SearchEngine, "search", broken)
        reply = service.client.post("/v1/search", files={"image": jpeg(1)})

        document = assert_problem(reply, 500, "internal-error")
        assert "secret" not in reply.text
        assert reply.headers["x-request-id"] in document["detail"]
        assert reply.headers["x-request-id"] in caplog.text
        assert "the secret inside" in caplog.text

    def test_every_error_has_a_status(self) -> None:
        import catalog.errors
        import embedding.errors
        import fetching.errors
        import retrieval.errors
        import service.errors
        import vector_index.errors

        roots = (
            catalog.errors.CatalogError,
            embedding.errors.EmbeddingError,
            fetching.errors.FetchError,
            retrieval.errors.RetrievalError,
            service.errors.ServiceError,
            vector_index.errors.VectorIndexError,
        )

        def leaves(kind: type[Exception]) -> list[type[Exception]]:
            below = [leaf for each in kind.__subclasses__() for leaf in leaves(each)]
            return below or [kind]

        without = [
            leaf
            for root in roots
            for leaf in leaves(root)
            if not any(kind in STATUS for kind in leaf.__mro__)
        ]
        assert without == [service.errors.InField]


class TestBusy:
    def test_surplus_searches_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        may_end = threading.Event()
        search = SearchEngine.search

        def held(*arguments, **options):  # type: ignore[no-untyped-def]
            assert may_end.wait(20)
            return search(*arguments, **options)

        with running(tmp_path, queue_limit=2) as service:
            monkeypatch.setattr(SearchEngine, "search", held)
            statuses: list[int] = []

            def ask() -> None:
                reply = httpx.post(
                    f"{service.url}/v1/search", files={"image": jpeg(1)}, trust_env=False
                )
                statuses.append(reply.status_code)

            callers = [threading.Thread(target=ask) for _ in range(2)]
            for caller in callers:
                caller.start()
            wait_until(lambda: service.state.searches.admitted == 2)
            refused = service.client.post("/v1/search", files={"image": jpeg(1)})
            may_end.set()
            for caller in callers:
                caller.join()

            assert_problem(refused, 503, "service-busy")
            assert refused.headers["retry-after"] == "1"
            assert statuses == [200, 200]
            metrics = service.client.get("/metrics").text
            assert 'likeness_rejected_total{kind="search"} 1.0' in metrics
            assert service.client.post("/v1/search", files={"image": jpeg(1)}).status_code == 200


class TestKeys:
    def key(self, service: Service, role: Role) -> str:
        with service.state.home.database.write() as connection:
            return ApiKeys(connection).create(f"test {role}", role)

    def test_roles(self, tmp_path: Path) -> None:
        with running(tmp_path, require_api_key=True) as service:
            search, admin = (
                {"authorization": f"Bearer {self.key(service, role)}"}
                for role in ("search", "admin")
            )
            files = {"image": jpeg(1)}
            client = service.client

            assert client.get("/health/ready").status_code == 200
            unknown = client.post("/v1/search", files=files)
            assert_problem(unknown, 401, "key-missing")
            assert unknown.headers["www-authenticate"].startswith("Bearer")
            for wrong in ("nonsense", "lk_x", "\xff"):
                reply = client.get("/v1/products", headers={"x-api-key": wrong.encode("latin-1")})
                assert_problem(reply, 401, "key-missing")
            assert_problem(client.get("/metrics"), 401, "key-missing")

            refused = client.put("/v1/products/a", files=files, headers=search)
            assert_problem(refused, 403, "key-too-weak")
            assert client.put("/v1/products/a", files=files, headers=admin).status_code == 201
            assert client.post("/v1/search", files=files, headers=search).status_code == 200
            assert client.get("/v1/products/a", headers=search).status_code == 200
            assert_problem(client.get("/v1/jobs", headers=search), 403, "key-too-weak")
            assert client.get("/v1/jobs", headers=admin).status_code == 200

    def test_by_the_other_header(self, tmp_path: Path) -> None:
        with running(tmp_path, require_api_key=True) as service:
            key = self.key(service, "search")

            assert service.client.get("/v1/products", headers={"x-api-key": key}).is_success

    def test_is_asked_for_before_the_body_is_read(self, tmp_path: Path) -> None:
        with running(tmp_path, require_api_key=True, request_max_bytes=1024) as service:
            reply = service.client.post("/v1/search", files={"image": jpeg(1)})

            assert_problem(reply, 401, "key-missing")


class TestOtherOrigins:
    def test_their_pages_change_nothing_where_no_keys_are_required(self, tmp_path: Path) -> None:
        shop = "https://shop.example"
        manifest = {"file": ("catalogue.csv", b"id,image\n")}
        with running(tmp_path, cors_origins=(shop,)) as service:
            client = service.client

            def sent_by(site: str, origin: str, path: str = "/v1/jobs") -> httpx.Response:
                headers = {"sec-fetch-site": site, "origin": origin}
                return client.post(path, files=manifest, headers=headers)

            for site in ("cross-site", "same-site"):
                refused = sent_by(site, "https://elsewhere.example")
                assert_problem(refused, 403, "page-not-allowed")
                assert "https://elsewhere.example" in refused.json()["detail"]
            assert client.get("/v1/jobs").json()["jobs"] == []

            own = sent_by("same-origin", "http://127.0.0.1:8000")
            assert own.status_code == 202
            assert sent_by("cross-site", shop).status_code == 202
            assert client.post("/v1/jobs", files=manifest).status_code == 202
            cancel = f"{own.headers['location']}/cancel"
            assert_problem(sent_by("cross-site", "null", cancel), 403, "page-not-allowed")

    def test_only_those_configured(self, tmp_path: Path) -> None:
        asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
        with running(tmp_path, cors_origins=("https://shop.example",)) as service:
            allowed = service.client.options("/v1/search", headers=asked)
            other = service.client.options(
                "/v1/search", headers={**asked, "origin": "https://evil.example"}
            )

        assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
        assert "access-control-allow-origin" not in other.headers

    def test_none_by_default(self, stocked: Service) -> None:
        reply = stocked.client.get("/health/live", headers={"origin": "https://shop.example"})

        assert "access-control-allow-origin" not in reply.headers
