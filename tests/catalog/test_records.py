import dataclasses
import math
from typing import Any

import pytest

from catalog.errors import ProductInvalid
from catalog.records import (
    MAX_ATTRIBUTES,
    MAX_ID_LENGTH,
    MAX_TEXT_LENGTH,
    ImageInput,
    ProductFields,
    is_storable,
)
from tests.catalog.making import sha, vector_of


class TestProductFields:
    def test_takes_whatever_a_shop_may_have(self) -> None:
        fields = ProductFields(
            "SKU 12/ä👟",
            title="t" * MAX_TEXT_LENGTH,
            url="https://shop.example/ä",
            category="c" * 255,
            price=0,
            attributes={
                "Größe": "42",
                "fit.width-mm": 2**63 - 1,
                "_x": -(2**63),
                "a b": 1.5,
                "new": True,
                "gone": None,
                "x" * 64: "",
            },
        )

        assert fields.attributes["new"] is True

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            ProductFields("a").title = "b"  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"external_id": ""}, "no id"),
            ({"external_id": " \t"}, "no id"),
            ({"external_id": "x" * (MAX_ID_LENGTH + 1)}, "256 characters; at most 255"),
            ({"external_id": "a\x00"}, "NUL"),
            ({"external_id": "\ud800"}, "half a character"),
            ({"external_id": 42}, "must be a text"),
            ({"external_id": None}, "must be a text"),
            ({"title": "t" * (MAX_TEXT_LENGTH + 1)}, "title has 4097 characters"),
            ({"title": "\udc00"}, "valid UTF-8"),
            ({"title": 7}, "title must be a text"),
            ({"url": "u" * (MAX_TEXT_LENGTH + 1)}, "url has 4097"),
            ({"url": "a\x00b"}, "NUL"),
            ({"category": "c" * 256}, "category has 256 characters; at most 255"),
            ({"category": "\ud83d"}, "valid UTF-8"),
            ({"category": ["shoes"]}, "category must be a text"),
            ({"price": math.nan}, "price must be a finite number"),
            ({"price": math.inf}, "price must be a finite number"),
            ({"price": 10**400}, "price must be a finite number"),
            ({"price": "9.50"}, "price must be a finite number"),
            ({"price": True}, "price must be a finite number"),
            ({"attributes": {f"a{n}": n for n in range(MAX_ATTRIBUTES + 1)}}, "101 attributes"),
            ({"attributes": {"": 1}}, "cannot name an attribute"),
            ({"attributes": {"1st": 1}}, "cannot name an attribute"),
            ({"attributes": {"x" * 65: 1}}, "cannot name an attribute"),
            ({"attributes": {'a"b': 1}}, "cannot name an attribute"),
            ({"attributes": {"a'b": 1}}, "cannot name an attribute"),
            ({"attributes": {"a\\b": 1}}, "cannot name an attribute"),
            ({"attributes": {"a[0]": 1}}, "cannot name an attribute"),
            ({"attributes": {"$": 1}}, "cannot name an attribute"),
            ({"attributes": {"a\n": 1}}, "cannot name an attribute"),
            ({"attributes": {"a\x00": 1}}, "cannot name an attribute"),
            ({"attributes": {"a\ud800": 1}}, "cannot name an attribute"),
            ({"attributes": {"price": 1}}, "none of category, id, price, title, url"),
            ({"attributes": {"id": 1}}, "cannot name an attribute"),
            ({"attributes": {"a": [1]}}, "'a' is a list"),
            ({"attributes": {"a": {"b": 1}}}, "'a' is a dict"),
            ({"attributes": {"a": b"x"}}, "'a' is a bytes"),
            ({"attributes": {"a": math.nan}}, "'a' must be a finite number"),
            ({"attributes": {"a": -math.inf}}, "'a' must be a finite number"),
            ({"attributes": {"a": 2**63}}, "'a' is too large"),
            ({"attributes": {"a": -(2**63) - 1}}, "'a' is too large"),
            ({"attributes": {"a": "x" * (MAX_TEXT_LENGTH + 1)}}, "at most 4096 characters"),
            ({"attributes": {"a": "\ud800"}}, "'a' must be valid text"),
            ({"attributes": {"a": "\x00"}}, "'a' must be valid text"),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, fields: dict[str, Any], said: str) -> None:
        with pytest.raises(ProductInvalid, match=said) as caught:
            ProductFields(**{"external_id": "p-17", **fields})

        assert "external_id" in fields or "p-17" in str(caught.value)
        str(caught.value).encode()


class TestImageInput:
    @pytest.mark.parametrize("source", ["caf\udce9.jpg", "a\x00.jpg"])
    def test_refuses_a_name_that_cannot_be_kept(self, source: str) -> None:
        with pytest.raises(ProductInvalid, match="rename it") as caught:
            ImageInput(sha("red"), "image/jpeg", 1, 1, vector_of("red"), source)

        str(caught.value).encode()

    @pytest.mark.parametrize(
        ("content_sha256", "width", "height"),
        [("", 1, 1), (sha("red").upper(), 1, 1), (sha("red"), 0, 1), (sha("red"), 1, -1)],
    )
    def test_refuses_what_is_no_picture(self, content_sha256: str, width: int, height: int) -> None:
        with pytest.raises(ValueError, match=r"sha-256|pixels"):
            ImageInput(content_sha256, "image/jpeg", width, height, vector_of("red"))


class TestIsStorable:
    @pytest.mark.parametrize("text", ["", "a", "ä", "👟", "\n\t\x01", "\ufffd", "\uffff"])
    def test_is_any_text(self, text: str) -> None:
        assert is_storable(text)

    @pytest.mark.parametrize("text", ["\x00", "a\x00", "\ud800", "a\udc80b"])
    def test_but_not_nul_and_not_half_a_character(self, text: str) -> None:
        assert not is_storable(text)
