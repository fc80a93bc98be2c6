"""Every colour model ends as 8-bit sRGB on white, with the colours it had."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from embedding.colour import to_srgb_on_white
from embedding.images import decode


def through(image: Image.Image, save_format: str, **options: object) -> np.ndarray:
    file = io.BytesIO()
    image.save(file, save_format, **options)
    return np.asarray(decode(file.getvalue()).image, dtype=np.int16)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """A display profile whose red primary is sRGB's green one and the other way round."""
    profile = bytearray(srgb_profile())
    tags = {
        bytes(profile[offset : offset + 4]): offset
        for offset in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12)
    }
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


class TestTransparency:
    def test_rgba(self) -> None:
        image = Image.new("RGBA", (2, 1), (200, 0, 0, 255))
        image.putpixel((1, 0), (0, 0, 200, 0))
        assert through(image, "PNG").tolist() == [[[200, 0, 0], [255, 255, 255]]]

    def test_half_transparent_is_mixed_with_white(self) -> None:
        pixels = through(Image.new("RGBA", (1, 1), (0, 0, 0, 128)), "PNG")
        assert pixels.tolist() == [[[127, 127, 127]]]

    def test_grey_with_alpha(self) -> None:
        image = Image.new("LA", (2, 1), (90, 255))
        image.putpixel((1, 0), (90, 0))
        assert through(image, "PNG").tolist() == [[[90] * 3, [255] * 3]]

    @pytest.mark.parametrize("transparency", [1, bytes([255, 0])], ids=["index", "alphas"])
    @pytest.mark.parametrize("save_format", ["PNG", "GIF"])
    def test_palette(self, save_format: str, transparency: int | bytes) -> None:
        if save_format == "GIF" and isinstance(transparency, bytes):
            transparency = 1
        image = Image.new("P", (2, 1), 0)
        image.putpalette([10, 20, 30, 40, 50, 60])
        image.putpixel((1, 0), 1)
        pixels = through(image, save_format, transparency=transparency)
        assert pixels.tolist() == [[[10, 20, 30], [255, 255, 255]]]

    @pytest.mark.parametrize(
        ("mode", "kept", "transparent"),
        [("L", 70, 80), ("RGB", (1, 2, 3), (4, 5, 6)), ("1", 0, 255), ("I;16", 7 * 257, 4 * 257)],
    )
    def test_one_transparent_colour_of_a_png(
        self, mode: str, kept: int | tuple[int, ...], transparent: int | tuple[int, ...]
    ) -> None:
        image = Image.new(mode, (2, 1), kept)
        image.putpixel((1, 0), transparent)
        pixels = through(image, "PNG", transparency=transparent)
        assert pixels[0, 1].tolist() == [255, 255, 255]
        assert pixels[0, 0].max() < 100

    def test_transparent_colour_of_a_shallow_grey_png_is_at_the_files_depth(self) -> None:
        # Level 1 of 0..3 is 85 once unpacked.
        image = Image.new("L", (2, 1), 85)
        image.putpixel((1, 0), 170)
        image.info["transparency"] = 1
        assert np.asarray(to_srgb_on_white(image, 2))[0, :, 0].tolist() == [255, 170]

    def test_premultiplied(self) -> None:
        image = Image.new("RGBA", (1, 1), (100, 0, 0, 128)).convert("RGBa")
        assert to_srgb_on_white(image).getpixel((0, 0)) == pytest.approx((177, 127, 127), abs=2)


class TestDepth:
    @pytest.mark.parametrize("save_format", ["PNG", "TIFF"])
    def test_16_bit_grey_keeps_its_shades(self, save_format: str) -> None:
        ramp = np.linspace(0, 65_535, 256).astype(np.uint16).reshape(16, 16)
        grey = through(Image.fromarray(ramp), save_format)[..., 0]
        assert np.abs(grey.ravel() - np.arange(256)).max() <= 1

    def test_12_bit_grey_reaches_white(self) -> None:
        image = Image.fromarray(np.array([[0, 2047, 4095]], dtype=np.uint16))
        grey = np.asarray(to_srgb_on_white(image, 12))[0, :, 0]
        assert grey.tolist() == [0, 127, 255]

    def test_16_bit_colour_png(self) -> None:
        samples = np.array([[[65_535, 32_896, 0]]], dtype=">u2")
        assert through_raw_png(samples, colour_type=2).tolist() == [[[255, 128, 0]]]

    def test_16_bit_colour_png_with_a_transparent_colour(self) -> None:
        samples = np.array([[[65_535, 300, 0], [0, 0, 65_535]]], dtype=">u2")
        transparent = struct.pack(">3H", 0, 0, 65_535)
        pixels = through_raw_png(samples, colour_type=2, transparent=transparent)
        assert pixels.tolist() == [[[255, 1, 0], [255, 255, 255]]]

    @pytest.mark.parametrize(
        ("samples", "expected"),
        [
            ([0.0, 0.5, 1.0], [0, 128, 255]),
            ([0.0, 51.0, 255.0], [0, 51, 255]),
            ([0.0, 32_768.0, 65_535.0], [0, 128, 255]),
            ([-1.0, 0.0, 1.0], [0, 128, 255]),
            ([0.0, np.nan, 1.0], [0, 0, 255]),
            ([0.0, 0.0, 0.0], [0, 0, 0]),
        ],
    )
    def test_float_tiff(self, samples: list[float], expected: list[int]) -> None:
        image = Image.fromarray(np.array([samples], dtype=np.float32))
        assert through(image, "TIFF")[0, :, 1].tolist() == pytest.approx(expected, abs=1)

    def test_32_bit_integer_tiff(self) -> None:
        image = Image.fromarray(np.array([[0, 1_000_000, 2_000_000]], dtype=np.int32))
        assert through(image, "TIFF")[0, :, 0].tolist() == pytest.approx([0, 128, 255], abs=1)

    def test_one_bit(self) -> None:
        image = Image.new("1", (2, 1), 0)
        image.putpixel((1, 0), 1)
        assert through(image, "PNG")[0, :, 0].tolist() == [0, 255]

    def test_palette_without_transparency(self) -> None:
        image = Image.new("RGB", (8, 8), (12, 34, 56)).quantize(4)
        assert through(image, "BMP")[3, 3].tolist() == [12, 34, 56]


class TestColourModel:
    def test_cmyk_jpeg_stored_inverted_as_adobe_does(self) -> None:
        image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
        red = through(image, "JPEG", quality=95)[8, 8]
        assert red[0] > 230
        assert red[1:].max() < 40

    def test_ycck_jpeg(self) -> None:
        # The planes of red in Adobe's inverted YCCK: luma and chroma of its complement, white K.
        cyan = Image.new("RGB", (1, 1), (0, 255, 255)).convert("YCbCr")
        luma, blue, red_difference = np.asarray(cyan)[0, 0].tolist()
        file = io.BytesIO()
        stored = (255 - luma, 255 - blue, 255 - red_difference, 0)
        Image.new("CMYK", (16, 16), stored).save(file, "JPEG", quality=95)
        jpeg = file.getvalue()
        transform = jpeg.index(b"Adobe") + 11
        ycck = jpeg[:transform] + b"\x02" + jpeg[transform + 1 :]
        red = np.asarray(decode(ycck).image)[8, 8]
        assert red[0] > 230
        assert red[1:].max() < 40

    def test_lab_tiff(self) -> None:
        colour = (180, 90, 30)
        lab = ImageCms.profileToProfile(
            Image.new("RGB", (4, 4), colour),
            ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
        assert lab is not None
        lab.info.clear()
        assert through(lab, "TIFF")[2, 2].tolist() == pytest.approx(colour, abs=4)

    @pytest.mark.parametrize("compression", [None, "jpeg", "tiff_lzw", "tiff_adobe_deflate"])
    def test_tiff_compressions(self, compression: str | None) -> None:
        pixels = through(Image.new("RGB", (16, 16), (9, 99, 199)), "TIFF", compression=compression)
        assert pixels[8, 8].tolist() == pytest.approx([9, 99, 199], abs=4)


class TestProfile:
    COLOUR = (200, 60, 30)

    def decoded(self, mode: str, profile: bytes, save_format: str = "PNG") -> list[int]:
        image = Image.new("RGB", (8, 8), self.COLOUR).convert(mode)
        return list(map(int, through(image, save_format, icc_profile=profile)[4, 4]))

    def test_of_another_gamut_is_converted(self) -> None:
        red, green, _ = self.decoded("RGB", swapped_profile())
        assert green > red + 100

    def test_applies_below_transparency(self) -> None:
        red, green, _ = self.decoded("RGBA", swapped_profile())
        assert green > red + 100

    def test_of_srgb_leaves_every_pixel_untouched(self) -> None:
        noise = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        pixels = through(Image.fromarray(noise), "PNG", icc_profile=srgb_profile())
        assert np.array_equal(pixels, noise)

    def test_of_srgb_costs_neither_transform_nor_copy(self) -> None:
        image = Image.new("RGB", (8, 8), self.COLOUR)
        image.info["icc_profile"] = srgb_profile()
        assert to_srgb_on_white(image) is image

    def test_agrees_with_a_direct_conversion(self) -> None:
        noise = Image.effect_noise((32, 32), 90).convert("RGB")
        direct = ImageCms.profileToProfile(
            noise,
            ImageCms.ImageCmsProfile(io.BytesIO(swapped_profile())),
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        pixels = through(noise, "PNG", icc_profile=swapped_profile())
        assert np.abs(pixels - np.asarray(direct, dtype=np.int16)).max() <= 1

    @pytest.mark.parametrize(
        "profile",
        [b"no profile at all", srgb_profile()[:200], swapped_profile()[:-100] + b"\xff" * 50],
        ids=["nonsense", "cut short", "corrupt"],
    )
    def test_that_is_corrupt_does_not_cost_the_picture(self, profile: bytes) -> None:
        image = Image.new("RGB", (8, 8), self.COLOUR)
        assert through(image, "PNG", icc_profile=profile).shape == (8, 8, 3)

    def test_of_another_space_is_ignored(self) -> None:
        assert self.decoded("L", srgb_profile()) == self.decoded("L", b"")
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        assert self.decoded("RGB", lab) == list(self.COLOUR)

    def test_of_another_space_is_ignored_in_cmyk(self) -> None:
        assert self.decoded("CMYK", srgb_profile(), "JPEG") == self.decoded("CMYK", b"", "JPEG")


def through_raw_png(samples: np.ndarray, colour_type: int, transparent: bytes = b"") -> np.ndarray:
    """Decodes a PNG of 16-bit big-endian samples, which Pillow does not write."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    height, width, _ = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\x00" + row.tobytes() for row in samples)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    if transparent:
        png += chunk(b"tRNS", transparent)
    png += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return np.asarray(decode(png).image, dtype=np.int16)
