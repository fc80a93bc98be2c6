"""Many products in one stream: a result a line, in order, whatever some of them are."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running

NDJSON = {"content-type": "application/x-ndjson"}


def line(product_id: str, number: int | None, **fields: Any) -> bytes:
    pictures = {} if number is None else {"images": [base64.b64encode(jpeg(number)).decode()]}
    return json.dumps({"id": product_id, **pictures, **fields}).encode() + b"\n"


def send(service: Service, body: bytes | Iterator[bytes]) -> list[dict[str, Any]]:
    reply = service.client.post("/v1/products/bulk", content=body, headers=NDJSON)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/x-ndjson"
    return [json.loads(each) for each in reply.text.splitlines()]


class TestBulk:
    def test_stores_and_finds(self, service: Service) -> None:
        results = send(service, b"".join(line(f"a{n}", n, price=n) for n in range(40)))

        assert [(each["line"], each["id"]) for each in results] == [
            (n + 1, f"a{n}") for n in range(40)
        ]
        assert {each["result"] for each in results} == {"created"}
        assert service.found(17)[0] == "a17"

    def test_bad_lines_stop_nobody(self, service: Service) -> None:
        body = b"".join(
            (
                line("good", 1),
                b"{broken\n",
                b"\n",
                b"[1]\n",
                line("no picture", None),
                json.dumps({"id": "bad", "images": ["AAAA"]}).encode() + b"\n",
                line("typo", 2, titel="x"),
                line("nan", 3).replace(b'"nan"', b'"nan", "price": NaN'),
                json.dumps({"images": []}).encode() + b"\n",
                line("loop", None, image_urls=["http://127.0.0.1:9/a.jpg"]),
                b"\xff\xfe\n",
                line("last", 4).rstrip(),
            )
        )
        results = send(service, body)

        told = {each["line"]: each for each in results}
        assert list(told) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        assert [n for n, each in told.items() if each["result"] == "created"] == [1, 12]
        codes = {n: each["error"]["code"] for n, each in told.items() if "error" in each}
        assert codes == {
            2: "body-malformed",
            4: "body-malformed",
            5: "product-invalid",
            6: "picture-unsupported",
            7: "fields-invalid",
            8: "body-malformed",
            9: "fields-invalid",
            10: "address-refused",
            11: "body-malformed",
        }
        assert service.client.get("/v1/products").json()["total"] == 2

    def test_one_product_twice(self, service: Service) -> None:
        results = send(service, line("a", 1) + line("a", 2) + line("a", None, title="t"))

        assert [each["result"] for each in results] == ["created", "updated", "updated"]
        product = service.client.get("/v1/products/a").json()["product"]
        assert (product["title"], len(product["images"])) == ("t", 1)
        assert service.search(2)["hits"][0]["similarity"] > 0.99

    def test_the_same_again_changes_no_picture(self, service: Service) -> None:
        send(service, line("a", 1))
        (result,) = send(service, line("a", 1))

        assert (result["result"], result["images_added"]) == ("updated", 0)

    def test_hundreds_of_lines(self, service: Service) -> None:
        picture = base64.b64encode(jpeg(1, size=(32, 32))).decode()
        count = 500
        body = (
            json.dumps({"id": f"a{n}", "images": [picture], "title": "x" * 2000}).encode() + b"\n"
            for n in range(count)
        )
        results = send(service, body)

        assert [each["line"] for each in results] == list(range(1, count + 1))
        assert service.client.get("/v1/products").json()["total"] == count

    def test_results_come_while_the_stream_goes_on(self, service: Service) -> None:
        first_is_answered = threading.Event()

        def body() -> Iterator[bytes]:
            yield line("a", 1)
            # The second line is only sent when the first has been stored.
            assert first_is_answered.wait(20)
            yield line("b", 2)

        def watch() -> None:
            with httpx.Client(base_url=service.url, trust_env=False) as client:
                while client.get("/v1/products/a").status_code != 200:
                    pass
            first_is_answered.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        results = send(service, body())
        watcher.join()

        assert [each["result"] for each in results] == ["created", "created"]

    def test_empty(self, service: Service) -> None:
        assert send(service, b"") == []

    def test_a_line_that_is_too_long(self, tmp_path: Path) -> None:
        with running(tmp_path, request_max_bytes=20_000) as service:
            results = send(
                service,
                b"x" * 100_000 + b"\n" + line("a", 1) + b"y" * 30_000,
            )

        assert [each.get("error", {}).get("code") for each in results] == [
            "body-too-large",
            None,
            "body-too-large",
        ]


class TestRefusedAltogether:
    def test_another_content_type(self, service: Service) -> None:
        reply = service.client.post("/v1/products/bulk", json={})

        assert_problem(reply, 415, "media-type-unsupported")

    def test_an_unknown_collection(self, service: Service) -> None:
        reply = service.client.post(
            "/v1/products/bulk?collection=no", content=line("a", 1), headers=NDJSON
        )

        assert_problem(reply, 404, "collection-unknown")

    def test_when_too_many_write(self, tmp_path: Path) -> None:
        with running(tmp_path, bulk_limit=1) as service, service.state.bulks.one():
            reply = service.client.post("/v1/products/bulk", content=line("a", 1), headers=NDJSON)

            assert_problem(reply, 503, "service-busy")
            assert reply.headers["retry-after"] == "1"
            # Streams that idle must not keep anybody else from writing.
            assert service.put("b", 2)["created"]
