"""Decoding real files of every format: right, bounded, and never failing in an unforeseen way."""

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from embedding.errors import (
    PictureError,
    PictureTooLarge,
    PictureUnreadable,
    PictureUnsupported,
)
from embedding.images import DecodedPicture, DecodeLimits, decode, thumbnail_jpeg
from tests.embedding.test_colour import srgb_profile, swapped_profile

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A picture without symmetry: smooth shades and a dark block towards the top left."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    pixels = np.stack([255 * across, 255 * down, 128 + 100 * np.sin(6 * across)], axis=-1)
    pixels[height // 8 : height // 3, width // 8 : width // 4] = (20, 20, 60)
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image: Image.Image, save_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, save_format, **options)
    return file.getvalue()


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures of one size, in levels of 0..255."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).mean())


def png_stating(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(name + body))
        png += struct.pack(">I", len(body)) + name + body + checksum
    return png


class TestDecode:
    @pytest.mark.parametrize("save_format", FORMATS)
    def test_every_format(self, save_format: str) -> None:
        picture = decode(encoded(scene(), save_format))
        assert picture.media_type == f"image/{save_format.lower()}"
        assert (picture.width, picture.height) == picture.image.size == (96, 64)
        assert picture.image.mode == "RGB"
        assert difference(picture.image, scene()) < 6

    @pytest.mark.parametrize("save_format", ["GIF", "WEBP", "TIFF", "PNG", "AVIF"])
    def test_only_the_first_frame_of_several(self, save_format: str) -> None:
        later = [Image.new("RGB", (96, 64), colour) for colour in ("black", "white")]
        animation = encoded(scene(), save_format, save_all=True, append_images=later)
        assert difference(decode(animation).image, scene()) < 6

    def test_multi_picture_jpeg_of_a_camera(self) -> None:
        content = encoded(scene(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))])
        picture = decode(content, target_side=32)
        assert picture.media_type == "image/jpeg"
        assert difference(picture.image, scene().resize((48, 32), Image.Resampling.BOX)) < 4

    def test_grey_and_progressive_jpeg(self) -> None:
        grey = decode(encoded(scene().convert("L"), "JPEG", progressive=True)).image
        assert difference(grey, scene().convert("L").convert("RGB")) < 3

    def test_no_metadata_is_carried_along(self) -> None:
        exif = Image.Exif()
        exif[0x010F] = "camera"
        picture = decode(encoded(scene(), "JPEG", exif=exif, comment=b"secret", dpi=(72, 72)))
        assert picture.image.info == {}

    @pytest.mark.parametrize("save_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_exif_orientation(self, save_format: str, orientation: int) -> None:
        as_stored = {
            1: lambda p: p,
            2: np.fliplr,
            3: lambda p: np.rot90(p, 2),
            4: np.flipud,
            5: lambda p: np.swapaxes(p, 0, 1),
            6: lambda p: np.rot90(p, 1),
            7: lambda p: np.swapaxes(np.rot90(p, 2), 0, 1),
            8: lambda p: np.rot90(p, -1),
        }[orientation]
        stored = Image.fromarray(np.ascontiguousarray(as_stored(np.asarray(scene()))))
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = decode(encoded(stored, save_format, exif=exif))
        assert (picture.width, picture.height) == (96, 64)
        assert difference(picture.image, scene()) < 6

    @pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage!", b"Exif\x00\x00II*\x00\xff\xff"])
    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    def test_corrupt_exif_does_not_cost_the_picture(self, exif: bytes) -> None:
        assert difference(decode(encoded(scene(), "JPEG", exif=exif)).image, scene()) < 6

    def test_orientation_outside_its_range_is_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 77
        assert difference(decode(encoded(scene(), "JPEG", exif=exif)).image, scene()) < 6


class TestReducedScale:
    @pytest.mark.parametrize("target_side", [60, 100, 150, 299, 400, 2000])
    def test_shorter_side_stays_at_least_the_target(self, target_side: int) -> None:
        picture = decode(encoded(scene(900, 603), "JPEG"), target_side=target_side)
        assert (picture.width, picture.height) == (900, 603)
        assert min(picture.image.size) >= min(target_side, 603)

    def test_is_really_reduced(self) -> None:
        picture = decode(encoded(scene(900, 603), "JPEG"), target_side=75)
        assert picture.image.size == (113, 76)

    @pytest.mark.parametrize("size", [(1600, 1200), (900, 1349), (448, 600), (895, 895), (90, 60)])
    @pytest.mark.parametrize("target_side", [60, 112, 224])
    def test_reduced_is_what_the_target_alone_would_have_given(
        self, size: tuple[int, int], target_side: int
    ) -> None:
        content = encoded(scene(*size), "JPEG")
        alone = decode(content, target_side=target_side).image

        larger = decode(content, target_side=target_side, target_long_side=5000)

        reduced = larger.reduced_to(target_side)
        assert difference(reduced, alone) < 1

    def test_other_formats_are_not_reduced(self) -> None:
        picture = decode(encoded(scene(900, 600), "PNG"))
        assert picture.reduced_to(60) is picture.image

    @pytest.mark.parametrize(
        ("options", "as_stored"),
        [
            ({}, True),
            ({"orientation": 1}, True),
            ({"orientation": 3}, False),
            ({"icc_profile": srgb_profile()}, True),
            ({"icc_profile": swapped_profile()}, False),
        ],
    )
    def test_tells_whether_the_file_shows_itself_alike(
        self, options: dict[str, Any], as_stored: bool
    ) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = options.pop("orientation", 1)
        content = encoded(scene(90, 60), "JPEG", exif=exif, **options)
        assert decode(content).as_stored == as_stored

    @pytest.mark.parametrize(("mode", "as_stored"), [("L", True), ("CMYK", False)])
    def test_grey_shows_itself_alike_and_four_inks_do_not(self, mode: str, as_stored: bool) -> None:
        content = encoded(scene(90, 60).convert(mode), "JPEG")
        assert decode(content).as_stored == as_stored

    @pytest.mark.parametrize("target_long_side", [113, 226, 300, 451, 5000])
    def test_longer_side_stays_at_least_its_target(self, target_long_side: int) -> None:
        jpeg = encoded(scene(900, 603), "JPEG")
        picture = decode(jpeg, target_side=60, target_long_side=target_long_side)
        assert max(picture.image.size) >= min(target_long_side, 900)
        assert min(picture.image.size) >= 60

    def test_turned_picture_keeps_the_size_of_its_original(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture = decode(encoded(scene(900, 603), "JPEG", exif=exif), target_side=75)
        assert (picture.width, picture.height) == (603, 900)
        assert picture.image.size == (76, 113)

    @pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
    def test_agrees_with_full_decoding_then_resizing(self, mode: str) -> None:
        jpeg = encoded(scene(1600, 1200).convert(mode), "JPEG", quality=92)
        small = decode(jpeg, target_side=224).image.resize((298, 224), Image.Resampling.BICUBIC)
        full = decode(jpeg).image.resize((298, 224), Image.Resampling.BICUBIC)
        assert difference(small, full) < 1.5

    def test_agrees_on_real_photographs(self, shared_photos: Path) -> None:
        for path in sorted((shared_photos / "luma").rglob("*.jpg"))[::60]:
            content = path.read_bytes()
            size = decode(content, target_side=96).image.size
            small, full = decode(content, target_side=96).image, decode(content).image
            assert difference(small, full.resize(size, Image.Resampling.BOX)) < 4, path

    def test_other_formats_come_at_full_size(self) -> None:
        assert decode(encoded(scene(), "PNG"), target_side=8).image.size == (96, 64)

    def test_target_below_one_is_the_callers_mistake(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            decode(encoded(scene(), "PNG"), target_side=0)


class TestLimits:
    def test_bytes(self) -> None:
        with pytest.raises(PictureTooLarge, match=r"100 .*bytes|bytes; at most 100"):
            decode(encoded(scene(), "PNG"), limits=DecodeLimits(max_bytes=100))

    @pytest.mark.parametrize("save_format", FORMATS)
    def test_pixels_of_every_format(self, save_format: str) -> None:
        content = encoded(scene(), save_format)
        assert decode(content, limits=DecodeLimits(max_pixels=96 * 64)).width == 96
        with pytest.raises(PictureTooLarge, match=r"96 x 64 = 6,144 pixels; at most 6,143"):
            decode(content, limits=DecodeLimits(max_pixels=96 * 64 - 1))

    def test_frames_after_the_first_do_not_count(self) -> None:
        gif = encoded(scene(), "GIF", save_all=True, append_images=[scene().rotate(9)] * 5)
        assert decode(gif, limits=DecodeLimits(max_pixels=96 * 64)).height == 64

    @pytest.mark.parametrize("size", [(10_000, 9_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
    def test_bomb_is_refused_by_its_header_and_without_a_warning(
        self, size: tuple[int, int]
    ) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with pytest.raises(PictureTooLarge):
                decode(png_stating(*size))
        assert caught == []

    def test_webp_canvas_is_refused_before_its_decoder_exists(self) -> None:
        canvas = (12_000 - 1).to_bytes(3, "little") * 2
        webp = encoded(scene(), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
        assert webp[12:16] == b"VP8X"
        with pytest.raises(PictureTooLarge, match="12000 x 12000"):
            decode(webp[:24] + canvas + webp[30:])

    def test_gif_frame_beyond_its_screen(self) -> None:
        gif = encoded(scene(), "GIF")
        frame = gif.index(b",\0\0\0\0")
        with pytest.raises(PictureTooLarge, match="10000 x 9500"):
            decode(gif[: frame + 5] + struct.pack("<2H", 10_000, 9_500) + gif[frame + 9 :])

    def test_tiff_tile_far_larger_than_the_picture(self) -> None:
        tags = {256: 96, 257: 64, 258: 8, 259: 8, 262: 1, 322: 32_768, 323: 32_768, 324: 8, 325: 8}
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
        tiff = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
        with pytest.raises(PictureTooLarge, match="tiles of 32768 x 32768"):
            decode(tiff)

    def test_progressive_jpeg_of_very_many_scans(self) -> None:
        jpeg = encoded(scene(), "JPEG", progressive=True)
        last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
        with pytest.raises(PictureTooLarge, match="more than 100 scans"):
            decode(jpeg[:-2] + last * 200 + b"\xff\xd9")

    @pytest.mark.parametrize("size", [(2020, 20), (20, 2020), (30_001, 400)])
    def test_absurd_proportions(self, size: tuple[int, int]) -> None:
        with pytest.raises(PictureTooLarge, match="Crop it"):
            decode(encoded(Image.new("L", size), "PNG"))

    def test_a_single_pixel_is_a_picture(self) -> None:
        assert decode(encoded(Image.new("RGB", (1, 1), "red"), "PNG")).image.size == (1, 1)

    @pytest.mark.parametrize(
        "limits", [{"max_bytes": 0}, {"max_pixels": 0}, {"max_pixels": 10**9}, {"max_bytes": -1}]
    )
    def test_that_make_no_sense_are_refused(self, limits: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="it must be"):
            DecodeLimits(**limits)


class TestBadInput:
    def test_empty(self) -> None:
        with pytest.raises(PictureUnreadable, match="empty"):
            decode(b"")

    def test_another_format(self) -> None:
        with pytest.raises(PictureUnsupported, match="PDF"):
            decode(b"%PDF-1.7 and so on")

    @pytest.mark.parametrize("save_format", FORMATS)
    @pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
    @pytest.mark.filterwarnings("ignore::UserWarning:PIL")
    def test_truncated(self, save_format: str, share: float) -> None:
        content = encoded(Image.effect_noise((200, 150), 80).convert("RGB"), save_format)
        with pytest.raises(PictureUnreadable, match=r"cut short|damaged") as refusal:
            decode(content[: int(len(content) * share)])
        assert save_format in str(refusal.value)

    def test_zero_size(self) -> None:
        with pytest.raises(PictureUnreadable):
            decode(png_stating(0, 10))

    def test_magic_bytes_alone(self) -> None:
        for magic in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00"):
            with pytest.raises(PictureUnreadable):
                decode(magic)

    def test_errors_carry_a_code_and_the_cause(self) -> None:
        with pytest.raises(PictureError) as refusal:
            decode(encoded(scene(), "JPEG")[:300])
        assert refusal.value.code == "picture-unreadable"
        assert refusal.value.__cause__ is not None


SEEDS = [
    *(encoded(scene(24, 16), save_format) for save_format in FORMATS),
    encoded(scene(24, 16), "JPEG", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"),
    encoded(scene(24, 16).convert("CMYK"), "JPEG", icc_profile=b"x" * 140),
    encoded(scene(24, 16).convert("RGBA"), "PNG", icc_profile=b"y" * 140),
    encoded(scene(24, 16).quantize(16), "PNG", transparency=bytes(range(16))),
    encoded(scene(24, 16).quantize(16), "GIF", transparency=3, save_all=True),
    encoded(scene(24, 16), "TIFF", compression="tiff_lzw"),
    encoded(scene(24, 16), "TIFF", compression="jpeg"),
    encoded(scene(24, 16).convert("L").convert("I;16"), "TIFF"),
    encoded(scene(24, 16).convert("F"), "TIFF"),
    encoded(scene(24, 16).convert("RGBA"), "WEBP", lossless=True),
]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A real file with bytes changed, removed, repeated or cut off, mostly in its header."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        reach = draw(st.sampled_from([64, 256, len(content)]))
        position = draw(st.integers(0, max(0, min(reach, len(content)) - 1)))
        match draw(st.sampled_from(["set", "set", "word", "drop", "repeat", "cut"])):
            case "set":
                content[position : position + 1] = bytes([draw(st.integers(0, 255))])
            case "word":
                word = draw(st.sampled_from([0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]))
                content[position : position + 4] = word.to_bytes(
                    4, draw(st.sampled_from(["big", "little"]))
                )
            case "drop":
                del content[position : position + draw(st.integers(1, 16))]
            case "repeat":
                content[position:position] = content[position : position + 32]
            case "cut":
                del content[max(position, 8) :]
    return bytes(content)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
class TestAnyBytes:
    LIMITS = DecodeLimits(max_pixels=1_000_000)

    @settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(content=damaged_files(), target_side=st.sampled_from([None, 4]))
    def test_damaged_files_give_a_picture_or_a_picture_error(
        self, content: bytes, target_side: int | None
    ) -> None:
        assert outcome(content, self.LIMITS, target_side)

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=300), st.sampled_from([seed[:16] for seed in SEEDS]))
    def test_noise_behind_real_magic_bytes(self, noise: bytes, magic: bytes) -> None:
        assert outcome(magic + noise, self.LIMITS, None)


def outcome(content: bytes, limits: DecodeLimits, target_side: int | None) -> str:
    """The format of the picture or the code of its refusal; anything else fails the test."""
    try:
        return decode(content, limits=limits, target_side=target_side).media_type
    except PictureError as refusal:
        return refusal.code if str(refusal).endswith(".") else ""


class TestDecodedPicture:
    def test_of_another_mode_is_refused_at_birth(self) -> None:
        with pytest.raises(ValueError, match="mode RGB, not L"):
            DecodedPicture(Image.new("L", (4, 4)), "image/png", 4, 4)

    def test_larger_than_its_original_is_refused_at_birth(self) -> None:
        with pytest.raises(ValueError, match="smaller original"):
            DecodedPicture(Image.new("RGB", (8, 4)), "image/png", 4, 4)


class TestThumbnailJpeg:
    def test_longer_side_and_proportions(self) -> None:
        thumbnail = decode(thumbnail_jpeg(scene(1500, 1000)))
        assert (thumbnail.width, thumbnail.height) == (512, 341)
        assert thumbnail.media_type == "image/jpeg"
        assert difference(thumbnail.image, scene(1500, 1000).resize((512, 341))) < 4

    def test_small_picture_is_not_enlarged(self) -> None:
        assert decode(thumbnail_jpeg(scene(96, 64))).image.size == (96, 64)

    def test_long_and_thin(self) -> None:
        assert decode(thumbnail_jpeg(scene(1000, 10), max_side=64)).image.size == (64, 1)

    def test_has_no_metadata_and_leaves_the_picture_as_it_was(self) -> None:
        image = scene(96, 64)
        image.info["comment"] = b"secret"
        image.info["icc_profile"] = b"profile"
        assert b"secret" not in thumbnail_jpeg(image)
        assert b"profile" not in thumbnail_jpeg(image)
        assert image.info["comment"] == b"secret"
