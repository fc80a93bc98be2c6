"""Products over HTTP: stored, read, listed, deleted; found or not from that moment on."""

import base64
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.pictures import jpeg
from tests.service.running import Service, assert_problem


def in_base64(number: int) -> str:
    return base64.b64encode(jpeg(number)).decode()


def put_json(service: Service, product_id: str, **document: Any) -> httpx.Response:
    return service.client.put(f"/v1/products/{product_id}", json=document)


class TestPut:
    def test_is_found_when_answered(self, service: Service) -> None:
        stored = service.put("a", 1, title="A shoe", category="shoes", price="9.5")

        assert stored["created"]
        assert stored["sequence"] == 1
        assert (stored["images_added"], stored["images_removed"]) == (1, 0)
        assert stored["product"]["title"] == "A shoe"
        assert stored["product"]["price"] == 9.5
        assert stored["product"]["images"][0]["id"] == service.search(1)["hits"][0]["image"]["id"]

    def test_new_is_201_and_known_200(self, service: Service) -> None:
        statuses = [
            service.client.put("/v1/products/a", files={"image": jpeg(1)}).status_code
            for _ in range(2)
        ]

        assert statuses == [201, 200]

    def test_several_pictures_in_order(self, service: Service) -> None:
        files = [("image", jpeg(1)), ("image", jpeg(2)), ("image", jpeg(1))]
        stored = service.client.put("/v1/products/a", files=files).json()
        by_json = put_json(service, "b", images=[in_base64(1), in_base64(2)]).json()

        assert [i["url"] for i in stored["product"]["images"]] == [
            i["url"] for i in by_json["product"]["images"]
        ]
        assert len(stored["product"]["images"]) == 2

    def test_without_pictures_those_stored_stay(self, service: Service) -> None:
        first = service.put("a", 1, title="old", category="x")
        second = put_json(service, "a", title="new", attributes={"brand": "acme", "new": True})

        product = second.json()["product"]
        assert product["images"] == first["product"]["images"]
        assert product["title"] == "new"
        assert product["category"] is None
        assert product["attributes"] == {"brand": "acme", "new": True}
        assert second.json()["sequence"] > first["sequence"]
        assert service.found(1, filter='{"brand": "acme"}') == ["a"]

    def test_pictures_are_replaced(self, service: Service) -> None:
        service.put("a", 1)
        stored = service.put("a", 2)

        assert (stored["images_added"], stored["images_removed"]) == (1, 1)
        assert service.search(1)["hits"][0]["similarity"] < 0.99
        assert service.search(2)["hits"][0]["similarity"] > 0.99

    @pytest.mark.parametrize(
        ("document", "status", "code"),
        [
            ({"title": "no picture"}, 422, "product-invalid"),
            ({"images": []}, 422, "product-invalid"),
            ({"images": [in_base64(1)] * 51}, 422, "fields-invalid"),
            ({"images": [in_base64(1)], "image_urls": ["http://x.example/"] * 50}, 422, ""),
            ({"images": [in_base64(1)], "price": "dear"}, 422, "fields-invalid"),
            ({"images": [in_base64(1)], "title": 3}, 422, "fields-invalid"),
            ({"images": [in_base64(1)], "title": "x" * 5000}, 422, "product-invalid"),
            ({"images": [in_base64(1)], "attributes": {"a": [1]}}, 422, "product-invalid"),
            ({"images": [in_base64(1)], "attributes": {"price": 1}}, 422, "product-invalid"),
            ({"images": [in_base64(1)], "attributes": 3}, 422, "fields-invalid"),
            ({"images": [in_base64(1)], "colour": "red"}, 422, "fields-invalid"),
            ({"images": [in_base64(1)], "collection": "no"}, 404, "collection-unknown"),
        ],
    )
    def test_refused(
        self, service: Service, document: dict[str, Any], status: int, code: str
    ) -> None:
        assert_problem(put_json(service, "a", **document), status, code or "product-invalid")
        assert service.client.get("/v1/products").json()["total"] == 0

    def test_a_price_that_is_no_number(self, service: Service) -> None:
        for price in ("nan", "inf", "1e999"):
            reply = service.client.put(
                "/v1/products/a", files={"image": jpeg(1)}, data={"price": price}
            )

            assert_problem(reply, 422, "fields-invalid")

    def test_attributes_that_are_no_json(self, service: Service) -> None:
        for text in ("{", "[1]", "3", "[" * 100_000):
            reply = service.client.put(
                "/v1/products/a", files={"image": jpeg(1)}, data={"attributes": text}
            )

            assert_problem(reply, 422, "fields-invalid")


class TestIds:
    @pytest.mark.parametrize(
        "product_id",
        [
            "a/b",
            "a/similar",
            "bulk",
            "/a",
            "a//b",
            "ä ö\u4e2d\U0001f45f",
            "100%",
            "%2F",
            "a?b#c",
            "a+b&c=d;e",
            '"<>\\^`{|}',
            "..",
            "x" * 255,
        ],
    )
    def test_any_characters(self, service: Service, product_id: str) -> None:
        # httpx resolves dots unless they are escaped, as a browser would.
        path = quote(product_id, safe="").replace(".", "%2E")
        stored = service.put(path, 1)
        read = service.client.get(f"/v1/products/{path}").json()
        similar = service.client.get(f"/v1/products/{path}/similar")

        assert stored["product"]["id"] == product_id
        assert read["product"]["id"] == product_id
        assert service.found(1) == [product_id]
        assert similar.json()["hits"] == []
        assert service.client.delete(f"/v1/products/{path}").json()["deleted"]
        assert service.client.get(f"/v1/products/{path}").status_code == 404

    def test_slashes_need_not_be_escaped(self, service: Service) -> None:
        assert service.put("shoes/red/1", 1)["product"]["id"] == "shoes/red/1"
        assert service.client.get("/v1/products/shoes%2Fred%2F1").status_code == 200

    @pytest.mark.parametrize("path", ["%FF", "a%C3"])
    def test_not_utf8(self, service: Service, path: str) -> None:
        for method in ("GET", "PUT", "DELETE"):
            reply = service.client.request(method, f"/v1/products/{path}")

            assert_problem(reply, 404, "product-unknown")

    @pytest.mark.parametrize("path", ["", "%20", "%00", "x" * 256])
    def test_that_cannot_be(self, service: Service, path: str) -> None:
        reply = service.client.put(f"/v1/products/{path}", files={"image": jpeg(1)})

        assert_problem(reply, 422, "product-invalid")
        assert service.client.get(f"/v1/products/{path}").status_code == 404


class TestPage:
    def test_pages_join_to_the_whole(self, stocked: Service) -> None:
        pages = [
            stocked.client.get("/v1/products", params={"limit": 5, "offset": offset}).json()
            for offset in (0, 5, 10)
        ]

        ids = [product["id"] for page in pages for product in page["products"]]
        assert ids == [f"p{number}" for number in range(12)]
        assert {page["total"] for page in pages} == {12}

    def test_only_matching(self, stocked: Service) -> None:
        page = stocked.client.get("/v1/products", params={"filter": '{"category": "odd"}'}).json()

        assert page["total"] == 6
        assert {product["category"] for product in page["products"]} == {"odd"}

    @pytest.mark.parametrize(
        ("parameters", "code"),
        [
            ({"limit": "0"}, "fields-invalid"),
            ({"offset": "-1"}, "fields-invalid"),
            ({"offset": str(2**63)}, "fields-invalid"),
            ({"filter": "{"}, "filter-invalid"),
        ],
    )
    def test_refused(self, stocked: Service, parameters: dict[str, str], code: str) -> None:
        assert_problem(stocked.client.get("/v1/products", params=parameters), 422, code)

    def test_offset_far_beyond(self, stocked: Service) -> None:
        reply = stocked.client.get("/v1/products", params={"offset": 2**63 - 1})

        assert reply.json()["products"] == []


class TestDelete:
    def test_is_found_no_more_when_answered(self, service: Service) -> None:
        service.put("a", 1)
        service.put("b", 2)
        reply = service.client.delete("/v1/products/a").json()

        assert reply == {"collection": "default", "sequence": 3, "deleted": True}
        assert service.found(1) == ["b"]

    def test_unknown(self, service: Service) -> None:
        assert_problem(service.client.delete("/v1/products/a"), 404, "product-unknown")
        assert service.client.get("/v1/collections/default").json()["sequence"] == 0
