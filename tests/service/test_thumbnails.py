"""Thumbnails over HTTP: small, sharp enough, kept for ever, and gone with their pictures."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from service.images.thumbnails import Side, Thumbnails
from tests.pictures import drawn, encoded
from tests.service.running import Service, assert_problem


def store(service: Service, picture: bytes) -> dict[str, Any]:
    """The picture of a new product, as the answer tells it."""
    reply = service.client.put("/v1/products/a", files={"image": picture})
    assert reply.status_code == 201, reply.text
    image: dict[str, Any] = reply.json()["product"]["images"][0]
    return image


def shown(service: Service, address: str) -> Image.Image:
    reply = service.client.get(address)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(reply.content))


def sized(address: str, side: int) -> str:
    return address.replace("/320.jpg", f"/{side}.jpg")


def test_is_the_picture_smaller(service: Service) -> None:
    whole = drawn(3, (1200, 900))
    address = store(service, encoded(whole, "JPEG", quality=92))["thumbnail_url"]

    for side in Side:
        small = shown(service, sized(address, side))

        assert small.size == (side, side * 3 // 4)
        expected = np.asarray(whole.resize(small.size, Image.Resampling.BICUBIC), np.float64)
        assert np.abs(np.asarray(small, np.float64) - expected).mean() < 4


def test_a_small_picture_is_the_kept_copy_itself(service: Service) -> None:
    image = store(service, encoded(drawn(1, (200, 150)), "PNG"))
    copy = service.client.get(image["url"]).content

    assert service.client.get(sized(image["thumbnail_url"], 640)).content == copy
    assert shown(service, image["thumbnail_url"]).size == (200, 150)
    assert shown(service, sized(image["thumbnail_url"], 160)).size == (160, 120)


def test_stands_in_every_answer(stocked: Service) -> None:
    hit = stocked.search(1)["hits"][0]["image"]
    listed = stocked.client.get("/v1/products").json()["products"][1]["images"][0]

    assert hit["thumbnail_url"] == listed["thumbnail_url"]
    assert hit["thumbnail_url"] == hit["url"].replace(".jpg", "/320.jpg")


def test_may_be_kept_for_ever_and_is_not_sent_twice(stocked: Service) -> None:
    address = stocked.search(1)["hits"][0]["image"]["thumbnail_url"]
    reply = stocked.client.get(address)
    tag = reply.headers["etag"]

    assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    again = stocked.client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = stocked.client.get(sized(address, 160), headers={"if-none-match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize("side", ["161", "0", "-160", "big"])
def test_other_sizes_are_refused(stocked: Service, side: str) -> None:
    address = stocked.search(1)["hits"][0]["image"]["thumbnail_url"]
    reply = stocked.client.get(address.replace("/320.jpg", f"/{side}.jpg"))

    assert "160, 320 or 640" in assert_problem(reply, 422, "fields-invalid")["detail"]


@pytest.mark.parametrize("name", ["0" * 64, "x", "..%2F..%2Flikeness.db", "A" * 64, "%00"])
def test_unknown(stocked: Service, name: str) -> None:
    reply = stocked.client.get(f"/v1/images/{name}/320.jpg")

    assert reply.status_code == 404
    assert str(stocked.state.home.root) not in reply.text


def test_is_not_shown_from_memory_once_the_copy_is_gone(service: Service) -> None:
    image = store(service, encoded(drawn(1), "PNG"))
    assert service.client.get(image["thumbnail_url"]).status_code == 200
    sha256 = image["url"].rsplit("/", 1)[-1].removesuffix(".jpg")
    service.state.home.pictures.path(sha256).unlink()

    assert_problem(service.client.get(image["thumbnail_url"]), 404, "picture-missing")


def test_half_a_copy_counts_as_none(service: Service) -> None:
    image = store(service, encoded(drawn(1, (900, 600)), "PNG"))
    sha256 = image["url"].rsplit("/", 1)[-1].removesuffix(".jpg")
    path = service.state.home.pictures.path(sha256)
    path.write_bytes(path.read_bytes()[:3000])

    assert_problem(service.client.get(image["thumbnail_url"]), 404, "picture-missing")


def test_is_made_once(service: Service) -> None:
    image = store(service, encoded(drawn(1, (900, 600)), "PNG"))
    sha256 = image["url"].rsplit("/", 1)[-1].removesuffix(".jpg")
    thumbnails = Thumbnails(service.state.home.pictures)

    assert thumbnails.jpeg(sha256, Side.SMALL) is thumbnails.jpeg(sha256, Side.SMALL)
