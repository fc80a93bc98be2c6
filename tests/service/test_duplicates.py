"""Copies told at an upsert, to those who ask."""

from typing import Any

import pytest

from tests.copies import EDITS, busy, busy_jpeg, dyed
from tests.pictures import encoded
from tests.service.running import Service, assert_problem


def put(service: Service, product_id: str, content: bytes, **fields: str) -> dict[str, Any]:
    reply = service.client.put(f"/v1/products/{product_id}", files={"image": content}, data=fields)
    assert reply.status_code in (200, 201), reply.text
    stored: dict[str, Any] = reply.json()
    return stored


class TestUpsert:
    def test_names_the_products_that_show_the_picture_already(self, service: Service) -> None:
        first = put(service, "first", busy_jpeg(1))
        put(service, "dyed", encoded(dyed(busy(1)), "JPEG", quality=92))
        put(service, "other", busy_jpeg(2))
        again = put(service, "again", busy_jpeg(1), duplicates="true")
        (duplicate,) = again["possible_duplicates"]
        assert duplicate["product_id"] == "first"
        assert duplicate["kind"] == "same bytes"
        assert duplicate["confidence"] == 1.0
        assert duplicate["image"] == first["product"]["images"][0]
        assert duplicate["of_image"] == again["product"]["images"][0]["id"]

    @pytest.mark.parametrize("edit", ["cropped", "mirrored", "darker"])
    def test_knows_edited_copies(self, service: Service, edit: str) -> None:
        put(service, "first", busy_jpeg(1))
        change, kind = EDITS[edit]
        copy = encoded(change(busy(1)), "JPEG", quality=85)
        (duplicate,) = put(service, "copy", copy, duplicates="true")["possible_duplicates"]
        assert (duplicate["product_id"], duplicate["kind"]) == ("first", kind)
        assert 0.6 <= duplicate["confidence"] <= 1.0

    def test_says_nothing_unasked_and_nothing_where_there_is_none(self, service: Service) -> None:
        put(service, "first", busy_jpeg(1))
        assert "possible_duplicates" not in put(service, "second", busy_jpeg(1))
        asked = put(service, "third", busy_jpeg(3), duplicates="true")
        assert asked["possible_duplicates"] == []

    def test_is_asked_in_the_query_string_or_in_json_as_well(self, service: Service) -> None:
        put(service, "first", busy_jpeg(1))
        put(service, "second", busy_jpeg(1))
        reply = service.client.put("/v1/products/second?duplicates=true")
        assert [each["product_id"] for each in reply.json()["possible_duplicates"]] == ["first"]
        reply = service.client.put("/v1/products/second", json={"duplicates": True})
        assert [each["product_id"] for each in reply.json()["possible_duplicates"]] == ["first"]

    @pytest.mark.parametrize("kept", [None, b"\xff\xd8\xff cut short"])
    def test_passes_over_pictures_that_vanished_or_are_damaged(
        self, service: Service, kept: bytes | None
    ) -> None:
        stored = put(service, "first", busy_jpeg(1))
        sha256 = stored["product"]["images"][0]["url"].rsplit("/", 1)[-1].removesuffix(".jpg")
        its_copy = service.state.home.pictures.path(sha256)
        its_copy.unlink() if kept is None else its_copy.write_bytes(kept)
        copy = encoded(EDITS["cropped"][0](busy(1)), "JPEG", quality=85)
        assert put(service, "copy", copy, duplicates="true")["possible_duplicates"] == []

    def test_refuses_another_answer_than_yes_or_no(self, service: Service) -> None:
        reply = service.client.put(
            "/v1/products/a?duplicates=perhaps", files={"image": busy_jpeg(1)}
        )
        assert_problem(reply, 422, "fields-invalid")
