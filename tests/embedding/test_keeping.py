"""What is left of a JPEG that is kept as it is, and which cannot be kept so."""

import io

import pytest
from PIL import Image

from embedding.keeping import stripped_jpeg
from tests.embedding.test_colour import srgb_profile
from tests.pictures import drawn, encoded, jpeg

PLAIN = jpeg(1)


def stripped(content: bytes, max_side: int = 1024, max_bytes: int = 131_072) -> bytes | None:
    return stripped_jpeg(content, max_side=max_side, max_bytes=max_bytes)


def after_start(content: bytes, *segments: bytes) -> bytes:
    return content[:2] + b"".join(segments) + content[2:]


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        return image.tobytes()


class TestWhatIsKept:
    @pytest.mark.parametrize(
        "content",
        [
            PLAIN,
            encoded(drawn(1).convert("L"), "JPEG"),
            encoded(drawn(1), "JPEG", progressive=True),
            encoded(drawn(1), "JPEG", optimize=True, subsampling=0),
            encoded(drawn(1), "JPEG", restart_marker_rows=1),
            encoded(drawn(1), "JPEG", keep_rgb=True),
        ],
        ids=["baseline", "grey", "progressive", "4:4:4", "restarts", "rgb"],
    )
    def test_a_plain_file_is_kept_byte_for_byte(self, content: bytes) -> None:
        assert stripped(content) == content

    def test_metadata_goes_and_pixels_stay(self) -> None:
        exif = Image.Exif()
        exif[0x0110] = "secret camera"
        content = encoded(
            drawn(1), "JPEG", exif=exif, icc_profile=srgb_profile(), comment=b"secret home"
        )

        kept = stripped(content)

        assert kept is not None
        assert b"secret" not in kept
        assert pixels(kept) == pixels(content)
        with Image.open(io.BytesIO(kept)) as image:
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}

    @pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE])
    def test_no_application_segment_is_taken_at_its_word(self, marker: int) -> None:
        kept = stripped(after_start(PLAIN, segment(marker, b"Extra\x00secret")))
        assert kept == PLAIN

    def test_metadata_between_the_scans_goes(self) -> None:
        content = encoded(drawn(1), "JPEG", progressive=True)
        second_scan = content.index(b"\xff\xda", content.index(b"\xff\xda") + 2)
        table = content.rindex(b"\xff\xc4", 0, second_scan)
        between = content[:table] + segment(0xFE, b"secret") + content[table:]

        assert stripped(between) == content

    @pytest.mark.parametrize("behind", [b"PK\x03\x04secret", jpeg(2), b"\x00", b"film\xff\xd9"])
    def test_what_lies_behind_the_end_goes(self, behind: bytes) -> None:
        assert stripped(PLAIN + behind) == PLAIN

    def test_what_lies_between_the_pixels_and_the_end_goes(self) -> None:
        content = PLAIN[:-2] + segment(0xE1, b"secret") + PLAIN[-2:]
        assert stripped(content) == PLAIN

    def test_a_thumbnail_in_the_jfif_segment_goes(self) -> None:
        assert PLAIN[2:6] == b"\xff\xe0\x00\x10"
        thumbnail = segment(0xE0, PLAIN[6:18] + b"\x01\x01" + b"\x00\x00\x00")

        assert stripped(PLAIN[:2] + thumbnail + PLAIN[20:]) == PLAIN

    def test_the_coding_of_colours_stays(self) -> None:
        """Without Adobe's segment these would be shown as YCbCr."""
        adobe = segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x00")
        content = PLAIN[:2] + adobe + PLAIN[20:]
        longer = PLAIN[:2] + segment(0xEE, adobe[4:] + b"secret") + PLAIN[20:]

        assert pixels(content) != pixels(PLAIN)
        assert stripped(content) == content
        assert stripped(longer) == content


class TestWhatIsNot:
    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
    def test_other_formats(self, kind: str) -> None:
        assert stripped(encoded(drawn(1), kind)) is None

    def test_what_is_too_large(self) -> None:
        content = jpeg(1, size=(400, 300))

        assert stripped(content, max_side=400, max_bytes=len(content)) == content
        assert stripped(content, max_side=399) is None
        assert stripped(content, max_bytes=len(content) - 1) is None

    def test_four_colours(self) -> None:
        assert stripped(encoded(drawn(1).convert("CMYK"), "JPEG")) is None

    def test_a_coding_that_browsers_do_not_show(self) -> None:
        frame = PLAIN.index(b"\xff\xc0")
        assert stripped(PLAIN[:frame] + b"\xff\xc9" + PLAIN[frame + 2 :]) is None

    def test_a_frame_too_many(self) -> None:
        start, end = PLAIN.index(b"\xff\xc0"), PLAIN.index(b"\xff\xc4")
        assert stripped(PLAIN[:end] + PLAIN[start:end] + PLAIN[end:]) is None

    @pytest.mark.parametrize("length", range(0, len(PLAIN), 97))
    def test_what_is_cut_short(self, length: int) -> None:
        assert stripped(PLAIN[:length]) is None

    @pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"no picture", b"\xff\xd8\xff\xd9"])
    def test_what_is_no_picture(self, content: bytes) -> None:
        assert stripped(content) is None
