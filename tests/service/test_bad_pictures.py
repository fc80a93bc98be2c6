"""Pictures that cannot be used: refused with the field and the remedy, wherever they come in."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from tests.pictures import drawn, encoded, jpeg
from tests.service.running import Service, assert_problem, running


def png_of_size(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def animated() -> bytes:
    frames = [drawn(number) for number in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


BAD: list[tuple[str, Callable[[], bytes], int, str]] = [
    ("zero bytes", lambda: b"", 422, "picture-unreadable"),
    ("truncated", lambda: jpeg(1)[:1500], 422, "picture-unreadable"),
    ("truncated PNG", lambda: encoded(drawn(1), "PNG")[:900], 422, "picture-unreadable"),
    ("text", lambda: b"hello, I am no picture", 415, "picture-unsupported"),
    ("PDF", lambda: b"%PDF-1.7\n" + b"x" * 100, 415, "picture-unsupported"),
    ("SVG", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "picture-unsupported"),
    ("PCX", lambda: encoded(drawn(1), "PCX"), 415, "picture-unsupported"),
    ("too many pixels", lambda: png_of_size(20_000, 20_000), 413, "picture-too-large"),
    ("absurd size", lambda: png_of_size(2**31 - 1, 2**31 - 1), 413, "picture-too-large"),
    ("noise after a magic number", lambda: b"\xff\xd8\xff" + b"\x13\x37" * 400, 422, ""),
]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [pytest.param(*rest, id=name) for name, *rest in BAD],
)
class TestRefused:
    def test_by_search(
        self, stocked: Service, content: Callable[[], bytes], status: int, code: str
    ) -> None:
        reply = stocked.client.post("/v1/search", files={"image": ("a.jpg", content())})
        document = assert_problem(reply, status, code or reply.json()["code"])

        assert document["errors"][0]["field"] == "image"

    def test_by_search_with_others(
        self, stocked: Service, content: Callable[[], bytes], status: int, code: str
    ) -> None:
        files = [("image", jpeg(1)), ("image", ("a.jpg", content()))]
        reply = stocked.client.post("/v1/search", files=files)
        document = assert_problem(reply, status, code or reply.json()["code"])

        assert document["errors"][0]["field"] == "image[1]"

    def test_by_upsert_which_stores_nothing(
        self, stocked: Service, content: Callable[[], bytes], status: int, code: str
    ) -> None:
        reply = stocked.client.put("/v1/products/bad", files={"image": ("a.jpg", content())})

        assert_problem(reply, status, code or reply.json()["code"])
        assert stocked.client.get("/v1/products/bad").status_code == 404

    def test_by_compare(
        self, stocked: Service, content: Callable[[], bytes], status: int, code: str
    ) -> None:
        files = {"image_1": jpeg(1), "image_2": ("a.jpg", content())}
        for address in ("/v1/compare", "/cosine_similarity_score"):
            reply = stocked.client.post(address, files=files)
            document = assert_problem(reply, status, code or reply.json()["code"])

            assert document["errors"][0]["field"] == "image_2"


class TestTaken:
    def test_the_first_frame_of_an_animation(self, stocked: Service) -> None:
        reply = stocked.client.post("/v1/search?limit=1", files={"image": animated()})

        assert reply.json()["hits"][0]["product_id"] == "p0"

    def test_a_corrupt_colour_profile(self, stocked: Service) -> None:
        picture = encoded(drawn(2), "JPEG", quality=90, icc_profile=b"nonsense" * 20)
        reply = stocked.client.post("/v1/search?limit=1", files={"image": picture})

        assert reply.json()["hits"][0]["product_id"] == "p2"

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"])
    def test_every_format(self, stocked: Service, kind: str) -> None:
        reply = stocked.client.post("/v1/search?limit=1", files={"image": encoded(drawn(4), kind)})

        assert reply.json()["hits"][0]["product_id"] == "p4"

    def test_other_modes(self, stocked: Service) -> None:
        for image in (drawn(4).convert("L"), drawn(4).convert("RGBA"), Image.new("1", (9, 9))):
            reply = stocked.client.post("/v1/search", files={"image": encoded(image, "PNG")})

            assert reply.status_code == 200, reply.text


class TestTooManyBytes:
    def test_of_one_picture(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with running(tmp_path_factory.mktemp("home"), picture_max_bytes=2000) as service:
            reply = service.client.post("/v1/search", files={"image": jpeg(1)})

            assert "2,000" in assert_problem(reply, 413, "picture-too-large")["detail"]
