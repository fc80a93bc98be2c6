"""Searching over HTTP: every way to ask, paging, filters, and what is refused."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.pictures import drawn, encoded, jpeg
from tests.service.running import Service, assert_problem


def in_base64(number: int) -> str:
    return base64.b64encode(jpeg(number)).decode()


def as_json(service: Service, **document: Any) -> httpx.Response:
    return service.client.post("/v1/search", json=document)


class TestSearchByUpload:
    def test_finds_the_product_first(self, stocked: Service) -> None:
        hit = stocked.search(3)["hits"][0]

        assert hit["product_id"] == "p3"
        assert hit["similarity"] == pytest.approx(1.0, abs=1e-3)
        assert hit["similarity"] == pytest.approx((hit["cosine"] + 1) / 2, abs=1e-5)
        assert hit["match_probability"] is None
        assert hit["product"] == {
            "id": "p3",
            "title": "Product 3",
            "url": None,
            "category": "odd",
            "price": 3.0,
            "attributes": {"brand": "brand 0"},
        }
        assert (hit["image"]["width"], hit["image"]["height"]) == (320, 240)
        assert hit["image"]["source"] is None
        assert stocked.client.get(hit["image"]["url"]).headers["content-type"] == "image/jpeg"

    def test_a_smaller_recompressed_copy_finds_it_too(self, stocked: Service) -> None:
        copy = encoded(drawn(5).resize((200, 150)), "WEBP", quality=60)
        reply = stocked.client.post("/v1/search", files={"image": copy})

        assert reply.json()["hits"][0]["product_id"] == "p5"

    def test_says_what_it_was_answered_from(self, stocked: Service) -> None:
        answer = stocked.search(1)

        assert (answer["collection"], answer["model"]) == ("default", "classic")
        assert answer["release"] is None
        assert answer["sequence"] == 12
        assert {"decode", "embed", "nearest", "resolve", "total"} <= set(answer["took_ms"])

    def test_a_part_without_filename_is_a_picture_too(self, stocked: Service) -> None:
        reply = stocked.client.post("/v1/search", files={"image": (None, jpeg(2))})

        assert reply.json()["hits"][0]["product_id"] == "p2"

    def test_parameters_as_fields_and_in_the_address(self, stocked: Service) -> None:
        by_field = stocked.client.post(
            "/v1/search", files={"image": jpeg(1)}, data={"limit": "3", "offset": "1"}
        ).json()
        by_address = stocked.search(1, limit=3, offset=1)

        assert by_field["hits"] == by_address["hits"]
        assert len(by_field["hits"]) == 3

    def test_empty_fields_count_as_not_sent(self, stocked: Service) -> None:
        reply = stocked.client.post(
            "/v1/search", files={"image": jpeg(1)}, data={"limit": "", "filter": "", "url": ""}
        )

        assert len(reply.json()["hits"]) == 10

    def test_an_untouched_file_input_is_passed_over(self, stocked: Service) -> None:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="image"; filename=""\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="product_id"\r\n\r\np1\r\n--b--\r\n'
        )
        reply = stocked.client.post(
            "/v1/search", content=body, headers={"content-type": "multipart/form-data; boundary=b"}
        )

        assert reply.status_code == 200
        assert "hits" in reply.json()


class TestSearchOtherwise:
    def test_by_base64_and_data_url(self, stocked: Service) -> None:
        wrapped = "\n".join(in_base64(2)[i : i + 76] for i in range(0, len(in_base64(2)), 76))
        for text in (in_base64(2), wrapped, f"data:image/jpeg;base64,{in_base64(2)}"):
            reply = as_json(stocked, images=[text], limit=1)

            assert [hit["product_id"] for hit in reply.json()["hits"]] == ["p2"]

    def test_by_product_leaves_it_out_itself(self, stocked: Service) -> None:
        for reply in (
            as_json(stocked, product_ids=["p4"], limit=12),
            stocked.client.post("/v1/search?product_id=p4&limit=12"),
            stocked.client.post("/v1/search", data={"product_id": "p4", "limit": "12"}),
            stocked.client.get("/v1/products/p4/similar?limit=12"),
        ):
            found = [hit["product_id"] for hit in reply.json()["hits"]]

            assert sorted(found) == sorted(f"p{n}" for n in range(12) if n != 4)

    def test_several_are_answered_in_the_order_asked(self, stocked: Service) -> None:
        reply = stocked.client.post(
            "/v1/search?limit=1",
            files=[
                ("image", jpeg(7)),
                ("product_id", (None, b"p1")),
                ("image", jpeg(0)),
            ],
        ).json()

        assert "hits" not in reply
        assert [result["query"] for result in reply["results"]] == [
            {"field": "image"},
            {"field": "product_id", "product_id": "p1"},
            {"field": "image[1]"},
        ]
        assert reply["results"][0]["hits"][0]["product_id"] == "p7"
        assert reply["results"][2]["hits"][0]["product_id"] == "p0"

    def test_json_order_is_images_then_products(self, stocked: Service) -> None:
        reply = as_json(stocked, product_ids=["p1"], images=[in_base64(6)], limit=1).json()

        assert [result["query"]["field"] for result in reply["results"]] == [
            "images[0]",
            "product_ids[0]",
        ]

    def test_sixteen_are_taken(self, stocked: Service) -> None:
        reply = as_json(stocked, product_ids=["p1"] * 16, limit=1)

        assert len(reply.json()["results"]) == 16


class TestPagesAndFilters:
    def test_pages_join_to_the_whole(self, stocked: Service) -> None:
        whole = stocked.found(3, limit=12)
        pages = [each for n in range(0, 12, 5) for each in stocked.found(3, limit=5, offset=n)]

        assert pages == whole
        assert sorted(whole) == sorted(f"p{n}" for n in range(12))

    def test_beyond_the_end_is_empty(self, stocked: Service) -> None:
        assert stocked.found(3, limit=5, offset=9000) == []

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({"category": "odd"}, {1, 3, 5, 7, 9, 11}),
            ({"price": {"lte": 3}, "category": "even"}, {0, 2}),
            ({"brand": {"in": ["brand 1", "brand 2"]}, "price": {"gt": 8}}, {10, 11}),
            ({"brand": "none"}, set()),
        ],
    )
    def test_only_matching_products(
        self, stocked: Service, wanted: dict[str, Any], expected: set[int]
    ) -> None:
        by_text = stocked.found(3, limit=12, filter=json.dumps(wanted))
        by_json = as_json(stocked, images=[in_base64(3)], limit=12, filter=wanted).json()["hits"]

        assert set(by_text) == {f"p{number}" for number in expected}
        assert [hit["product_id"] for hit in by_json] == by_text

    def test_min_score_cuts_off(self, stocked: Service) -> None:
        assert stocked.found(3, min_score=0.99) == ["p3"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            ({"limit": "0"}, "limit"),
            ({"limit": "101"}, "limit"),
            ({"limit": "ten"}, "limit"),
            ({"limit": "9" * 40}, "limit"),
            ({"offset": "-1"}, "offset"),
            ({"offset": "99999999"}, "offset"),
            ({"min_score": "nan"}, "min_score"),
            ({"min_score": "1.5"}, "min_score"),
            ({"limt": "5"}, "limt"),
        ],
    )
    def test_names_the_field(
        self, stocked: Service, parameters: dict[str, str], field: str
    ) -> None:
        for reply in (
            stocked.client.post("/v1/search", files={"image": jpeg(1)}, params=parameters),
            stocked.client.post("/v1/search", files={"image": jpeg(1)}, data=parameters),
        ):
            document = assert_problem(reply, 422, "fields-invalid")

            assert [each["field"] for each in document["errors"]] == [field]

    def test_offset_and_limit_together(self, stocked: Service) -> None:
        reply = stocked.client.post("/v1/search?product_id=p1&offset=9999&limit=50")

        assert_problem(reply, 422, "query-invalid")

    @pytest.mark.parametrize(
        "text",
        ["{", "[]", "3", '{"price": {"near": 3}}', '{"price": "x"}', '{"a/b": 1}', "[" * 100_000],
    )
    def test_filter(self, stocked: Service, text: str) -> None:
        reply = stocked.client.post("/v1/search", files={"image": jpeg(1)}, data={"filter": text})

        assert_problem(reply, 422, "filter-invalid")

    def test_nothing_to_search_with(self, stocked: Service) -> None:
        for reply in (
            stocked.client.post("/v1/search"),
            as_json(stocked, limit=3),
            stocked.client.post("/v1/search", files={"limit": (None, b"3")}),
        ):
            assert "curl -F" in assert_problem(reply, 422, "query-invalid")["detail"]

    def test_seventeen(self, stocked: Service) -> None:
        pictures = [("image", jpeg(1))] * 17

        assert_problem(stocked.client.post("/v1/search", files=pictures), 422, "query-invalid")
        assert_problem(as_json(stocked, product_ids=["p1"] * 17), 422, "fields-invalid")

    def test_unknown_names(self, stocked: Service) -> None:
        assert_problem(as_json(stocked, product_ids=["no"]), 404, "product-unknown")
        assert_problem(
            as_json(stocked, product_ids=["p1"], collection="no"), 404, "collection-unknown"
        )
        assert_problem(
            as_json(stocked, product_ids=["p1"], collection="../etc"), 404, "collection-unknown"
        )
        assert_problem(stocked.client.get("/v1/products/no/similar"), 404, "product-unknown")

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[1]",
            b'"text"',
            b"null",
            b'{"min_score": NaN}',
            b'{"limit": Infinity}',
            b'{"product_ids": ["\\ud800"]}',
            b'{"product_ids": ["a\\u0000b"]}',
            b'{"product_ids": ["\xff"]}',
            b"[" * 200_000,
            b'{"limit": ' + b"9" * 10_000 + b"}",
        ],
    )
    def test_json_that_is_none(self, stocked: Service, body: bytes) -> None:
        reply = stocked.client.post(
            "/v1/search", content=body, headers={"content-type": "application/json"}
        )

        assert_problem(reply, 400, "body-malformed")

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({"images": "text"}, "images"),
            ({"images": [3]}, "images[0]"),
            ({"product_ids": [None]}, "product_ids[0]"),
            ({"filter": 3, "product_ids": ["p1"]}, "filter"),
            ({"image": "x"}, "image"),
        ],
    )
    def test_json_of_another_shape(
        self, stocked: Service, document: dict[str, Any], field: str
    ) -> None:
        errors = assert_problem(as_json(stocked, **document), 422, "fields-invalid")["errors"]

        assert errors[0]["field"].startswith(field)

    def test_no_base64(self, stocked: Service) -> None:
        document = assert_problem(
            as_json(stocked, images=[in_base64(1), "~~~"]), 422, "picture-unreadable"
        )

        assert document["errors"][0]["field"] == "images[1]"

    def test_content_types(self, stocked: Service) -> None:
        for kind in ("text/plain", "image/jpeg", "application/xml", "nonsense", ""):
            reply = stocked.client.post(
                "/v1/search", content=jpeg(1), headers={"content-type": kind}
            )

            assert_problem(reply, 415, "media-type-unsupported")

    def test_a_field_sent_twice(self, stocked: Service) -> None:
        reply = stocked.client.post("/v1/search?product_id=p1&limit=3&limit=4")

        assert_problem(reply, 422, "fields-invalid")

    def test_half_a_character_in_a_form(self, stocked: Service) -> None:
        for reply in (
            stocked.client.post("/v1/search", files={"collection": (None, b"\xff\xfe")}),
            stocked.client.post("/v1/search", files={"product_id": (None, b"\xff")}),
        ):
            assert_problem(reply, 422, "fields-invalid")


class TestReranking:
    def test_says_how_each_hit_matches_only_when_asked(self, stocked: Service) -> None:
        plain = stocked.search(3, limit=3)
        reranked = stocked.search(3, limit=3, rerank="points", rerank_depth=2)
        similar = stocked.client.get("/v1/products/p3/similar?limit=1&rerank=points").json()

        assert all("points" not in hit for hit in plain["hits"])
        assert set(reranked["hits"][0]["points"]) == {"similarity", "inliers", "matches"}
        assert reranked["hits"][2]["points"] is None
        assert "points" in reranked["took_ms"]
        assert similar["hits"][0]["points"] is not None

    @pytest.mark.parametrize(
        ("parameters", "code"),
        [
            ({"rerank": "lines"}, "fields-invalid"),
            ({"rerank": "points", "rerank_depth": 0}, "fields-invalid"),
            ({"rerank": "points", "rerank_depth": 100, "product_id": "p1"}, "query-invalid"),
        ],
    )
    def test_refused(self, stocked: Service, parameters: dict[str, Any], code: str) -> None:
        reply = stocked.client.post("/v1/search", files={"image": jpeg(1)}, params=parameters)

        assert_problem(reply, 422, code)
