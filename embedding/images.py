"""Untrusted bytes -> a picture that is safe to embed: upright, sRGB, on white, of bounded size."""

import io
import math
from dataclasses import dataclass

from PIL import Image, ImageFile, TiffImagePlugin

from embedding.colour import to_srgb_on_white
from embedding.errors import PictureTooLarge, PictureUnreadable
from embedding.formats import PictureFormat, canvas_size, jpeg_scans, recognise
from embedding.opening import open_header, orientation, pillows_border, sample_bits

# Pillow raises its own alarm above this; below it, only these limits speak.
MOST_PIXELS_ALLOWED = 89_478_485
LONGEST_SIDE = 30_000
GREATEST_ASPECT = 100
MOST_JPEG_SCANS = 100


@dataclass(frozen=True)
class DecodeLimits:
    """What a picture may cost. Raises `ValueError` for limits that make no sense."""

    max_bytes: int = 20_971_520
    max_pixels: int = 50_000_000

    def __post_init__(self) -> None:
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes is {self.max_bytes}; it must be at least 1.")
        if not 1 <= self.max_pixels <= MOST_PIXELS_ALLOWED:
            raise ValueError(
                f"max_pixels is {self.max_pixels}; it must be from 1 to {MOST_PIXELS_ALLOWED}."
            )


@dataclass(frozen=True)
class DecodedPicture:
    """A picture ready for preprocessing.

    `image` has mode RGB, is sRGB, upright and without transparency or metadata. It may be smaller
    than `width` x `height`, the upright size of the original in pixels. `media_type` is that of
    the bytes it came from. `as_stored`: its pixels are those of the file, which shows itself
    alike whether or not its orientation and its colour profile are heeded.
    """

    image: Image.Image
    media_type: str
    width: int
    height: int
    as_stored: bool = False

    def __post_init__(self) -> None:
        if self.image.mode != "RGB":
            raise ValueError(f"A decoded picture has mode RGB, not {self.image.mode}.")
        if self.image.width > self.width or self.image.height > self.height:
            raise ValueError(
                f"A decoded picture of {self.image.size} cannot come from a smaller original "
                f"of {(self.width, self.height)}."
            )

    def reduced_to(self, target_side: int) -> Image.Image:
        """The picture at the scale at which `decode` gives it for that `target_side` alone.

        For one that was decoded larger because a copy was wanted too: what is made of it is then
        what is made of a query that shows the same file, to a fifth of a grey level of 255, and
        is made sooner. Pictures that are not JPEG are decoded at one scale only.
        """
        if self.media_type != PictureFormat.JPEG.value:
            return self.image
        shorter = min(self.width, self.height)
        wanted = next(scale for scale in _JPEG_SCALES if scale <= max(1, shorter // target_side))
        factor = wanted // round(shorter / min(self.image.size))
        return self.image.reduce(factor) if factor > 1 else self.image


# A JPEG decodes at these parts of its size in a fraction of the time.
_JPEG_SCALES = (8, 4, 2, 1)

_DEFAULT_LIMITS = DecodeLimits()


def decode(
    content: bytes,
    *,
    limits: DecodeLimits = _DEFAULT_LIMITS,
    target_side: int | None = None,
    target_long_side: int = 1,
) -> DecodedPicture:
    """Decodes the first frame of a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture.

    `target_side`: the caller needs no more than this many pixels on the shorter side. A JPEG is
    then decoded at 1/2, 1/4 or 1/8 scale where that suffices, which is several times faster; its
    shorter side stays at least `target_side` if it was before, and so does its longer side with
    `target_long_side`, for a caller who also wants a copy of that size (it has no effect alone).

    Bytes and pixels are checked against `limits` before anything is decoded. Thread-safe.
    Raises only `PictureError`: `PictureUnsupported`, `PictureTooLarge` or `PictureUnreadable`.
    """
    if target_side is not None and target_side < 1:
        raise ValueError(f"target_side is {target_side}; it must be at least 1.")
    _check_bytes(content, limits)
    picture_format = recognise(content)
    if canvas := canvas_size(content, picture_format):
        _check_size(canvas, limits)
    image = open_header(content, picture_format)
    _check_size(image.size, limits)
    _check_hidden_costs(image, content, limits)
    width, height = image.size
    with pillows_border(picture_format):
        if target_side is not None:
            # Pillow keeps both sides at or above what it is asked for.
            side = max(target_side, math.ceil(target_long_side * min(image.size) / max(image.size)))
            image.draft(None, (side, side))
        bits = sample_bits(image, content)
        image.load()
    upright = to_srgb_on_white(image, bits)
    if upright is image and picture_format is not PictureFormat.JPEG:
        upright = image.copy()  # lets go of the decoder and the bytes it keeps
    turn = _TURNS.get(orientation(image))
    # Grey becomes a new picture even if its profile, where it has one, changes nothing.
    as_stored = turn is None and (
        upright is image or (image.mode == "L" and "icc_profile" not in image.info)
    )
    if turn is not None:
        upright = upright.transpose(turn)
    upright.info.clear()
    if turn in _QUARTER_TURNS:
        width, height = height, width
    return DecodedPicture(upright, picture_format.value, width, height, as_stored)


def thumbnail_jpeg(image: Image.Image, max_side: int = 512) -> bytes:
    """JPEG of an RGB picture for display and re-embedding: no metadata, never enlarged.

    The longer side has at most `max_side` pixels.
    """
    small = image.copy() if max(image.size) <= max_side else image
    if small is image:
        scale = max_side / max(image.size)
        width, height = (max(1, round(side * scale)) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=1.5)
    small.info.clear()
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=88)
    return encoded.getvalue()


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = {_TURNS[value] for value in (5, 6, 7, 8)}


def _check_bytes(content: bytes, limits: DecodeLimits) -> None:
    if not content:
        raise PictureUnreadable("The picture is empty (0 bytes). Send the whole file.")
    if len(content) > limits.max_bytes:
        raise PictureTooLarge(
            f"The picture has {len(content):,} bytes; at most {limits.max_bytes:,} are accepted. "
            "Save it smaller or at a lower quality."
        )


def _check_size(size: tuple[int, int], limits: DecodeLimits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise PictureUnreadable(
            f"The picture states a size of {width} x {height} pixels. Save it again and send that."
        )
    if width * height > limits.max_pixels:
        raise PictureTooLarge(
            f"The picture has {width} x {height} = {width * height:,} pixels; at most "
            f"{limits.max_pixels:,} are accepted. Scale it down."
        )
    if max(size) > LONGEST_SIDE or max(size) > GREATEST_ASPECT * min(size):
        raise PictureTooLarge(
            f"The picture has {width} x {height} pixels; no side may exceed {LONGEST_SIDE:,} "
            f"pixels or {GREATEST_ASPECT} times the other side. Crop it to the product."
        )


def _check_hidden_costs(image: ImageFile.ImageFile, content: bytes, limits: DecodeLimits) -> None:
    """Refuses the two ways in which a small picture can be dear to decode."""
    if image.info.get("progressive") and jpeg_scans(content, MOST_JPEG_SCANS) > MOST_JPEG_SCANS:
        raise PictureTooLarge(
            f"The JPEG picture has more than {MOST_JPEG_SCANS} scans, which no camera writes and "
            "which take very long to decode. Save it again and send that."
        )
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tile_width = image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 1)
        tile_height = image.tag_v2.get(TiffImagePlugin.TILELENGTH, 1)
        # A tile is unpacked whole, however little of it lies inside the picture.
        if tile_width * tile_height > limits.max_pixels:
            raise PictureTooLarge(
                f"The TIFF picture is stored in tiles of {tile_width} x {tile_height} pixels; at "
                f"most {limits.max_pixels:,} pixels are accepted. Save it without tiles."
            )
