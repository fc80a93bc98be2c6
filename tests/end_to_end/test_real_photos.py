"""A folder of real photographs: indexed, searched on the terminal, searched over HTTP."""

import io
import json
from pathlib import Path

import httpx
import pytest
from PIL import Image

# Every sixth of the set: enough to mean something, few enough to be quick.
STEP = 6
LEAST_FOUND = 0.95


@pytest.fixture(scope="module")
def photos(shared_photos: Path) -> Path:
    return shared_photos / "luma"


@pytest.fixture(scope="module", autouse=True)
def indexed(likeness, photos: Path) -> dict[str, object]:
    return json.loads(likeness("index", str(photos / "images"), "--json").stdout)


def edited(path: Path) -> bytes:
    """Cropped by 4 % a side, at 60 % of the size, saved again at quality 70."""
    with Image.open(path) as image:
        width, height = image.size
        box = (width * 0.04, height * 0.04, width * 0.96, height * 0.96)
        copy = image.convert("RGB").crop(tuple(map(round, box)))
    copy = copy.resize((round(copy.width * 0.6), round(copy.height * 0.6)))
    buffer = io.BytesIO()
    copy.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def first_hit(client: httpx.Client, picture: bytes) -> str:
    reply = client.post("/v1/search", files={"image": picture}, data={"limit": 3})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["hits"][0]["product_id"])


class TestRealPhotos:
    def test_are_all_indexed(self, indexed: dict[str, object], photos: Path) -> None:
        assert indexed["indexed"] == len(list((photos / "images").iterdir()))
        assert indexed["failed"] == 0

    def test_are_found_on_the_terminal(self, likeness, photos: Path) -> None:
        picture = sorted((photos / "images").iterdir())[10]

        printed = json.loads(likeness("search", str(picture), "--json").stdout)

        assert printed["hits"][0]["product_id"] == picture.name
        assert printed["hits"][0]["similarity"] > 0.999

    def test_are_found_over_http_when_re_encoded_resized_and_cropped(
        self, serve, photos: Path
    ) -> None:
        pictures = sorted((photos / "images").iterdir())[::STEP]

        with serve() as client:
            found = [first_hit(client, edited(path)) == path.name for path in pictures]

        assert sum(found) / len(found) >= LEAST_FOUND

    def test_a_second_run_finds_nothing_to_do(self, likeness, photos: Path) -> None:
        again = json.loads(likeness("index", str(photos / "images"), "--json").stdout)

        assert (again["indexed"], again["failed"]) == (0, 0)
