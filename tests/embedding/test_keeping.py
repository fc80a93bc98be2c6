"""Which files are their own kept copy, and which must be made anew."""

import io

import pytest
from PIL import Image, ImageCms

from embedding.keeping import is_plain_jpeg
from tests.pictures import drawn, encoded, jpeg


def is_plain(content: bytes, max_side: int = 1024, max_bytes: int = 131_072) -> bool:
    return is_plain_jpeg(content, max_side=max_side, max_bytes=max_bytes)


class TestIsPlainJpeg:
    def test_takes_a_small_jpeg_without_metadata(self) -> None:
        assert is_plain(jpeg(1))
        assert is_plain(encoded(drawn(1).convert("L"), "JPEG"))
        assert is_plain(encoded(drawn(1), "JPEG", progressive=True))

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
    def test_refuses_other_formats(self, kind: str) -> None:
        assert not is_plain(encoded(drawn(1), kind))

    def test_refuses_what_is_too_large(self) -> None:
        content = jpeg(1, size=(400, 300))

        assert not is_plain(content, max_side=399)
        assert not is_plain(content, max_bytes=len(content) - 1)

    def test_refuses_metadata(self) -> None:
        exif = Image.Exif()
        exif[0x0110] = "camera"
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

        assert not is_plain(encoded(drawn(1), "JPEG", exif=exif))
        assert not is_plain(encoded(drawn(1), "JPEG", icc_profile=profile))
        assert not is_plain(encoded(drawn(1), "JPEG", comment=b"taken at home"))

    def test_refuses_cmyk(self) -> None:
        assert not is_plain(encoded(drawn(1).convert("CMYK"), "JPEG"))

    @pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", jpeg(1)[:40], b"no picture"])
    def test_refuses_what_cannot_be_read(self, content: bytes) -> None:
        assert not is_plain(content)

    def test_takes_what_other_programs_write_at_its_word(self) -> None:
        """An APP0 that is not JFIF, as some cameras write, is metadata like any other."""
        content = io.BytesIO(jpeg(1)).getvalue()
        other = content[:2] + b"\xff\xe0\x00\x08AVI1\x00\x00" + content[2:]

        assert not is_plain(other)

    @pytest.mark.parametrize("behind", [b"PK\x03\x04secret", jpeg(2), b"\x00", b"film\xff\xd9"])
    def test_refuses_what_carries_something_behind_its_end(self, behind: bytes) -> None:
        assert not is_plain(jpeg(1) + behind)

    def test_refuses_a_thumbnail_in_its_jfif_segment(self) -> None:
        content = jpeg(1)
        assert content[2:6] == b"\xff\xe0\x00\x10"
        thumbnail = b"\x01\x01" + b"\x00\x00\x00"
        segment = b"\xff\xe0\x00\x13" + content[6:18] + thumbnail

        assert is_plain(content)
        assert not is_plain(content[:2] + segment + content[20:])
