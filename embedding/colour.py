"""Any colour model Pillow opens -> 8-bit sRGB on a white ground."""

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_WHITE = (255, 255, 255)
_CACHED_PROFILE_BYTES = 65_536
_UNSEEN_DIFFERENCE = 3  # of 255: rounding of a transform that changes nothing


def to_srgb_on_white(image: Image.Image, sample_bits: int = 8) -> Image.Image:
    """An 8-bit sRGB picture (mode RGB) of the same size, transparent parts shown on white.

    `image` is loaded, in any mode; `sample_bits` is the depth of one stored sample, which the
    mode alone does not tell (12-bit TIFF and 2-bit PNG). An embedded ICC profile is honoured;
    one that is corrupt or of another colour space than the picture is ignored. A picture that is
    sRGB already is returned as it is, not copied.
    """
    colour, alpha = _split_alpha(image, sample_bits)
    rgb = _to_srgb(colour, image.info.get("icc_profile"))
    if alpha is None or alpha.getextrema() == (255, 255):
        return rgb
    ground = Image.new("RGB", rgb.size, _WHITE)
    ground.paste(rgb, mask=alpha)
    return ground


def _split_alpha(image: Image.Image, sample_bits: int) -> tuple[Image.Image, Image.Image | None]:
    """(colour as L, RGB, CMYK, LAB or YCbCr, opacity as L or None)."""
    match image.mode:
        case "I" | "F":
            return _stretched(np.asarray(image, dtype=np.float64)), None
        case mode if mode.startswith("I;16"):
            return _from_16_bit(image, sample_bits)
        case "P" | "PA" if image.has_transparency_data:
            image = image.convert("RGBA")
        case "P":
            return image.convert("RGB"), None
        case "La" | "RGBa":
            image = image.convert(image.mode.upper())
        case "1" | "L" | "RGB" if "transparency" in image.info:
            image = _with_transparent_colour(image, sample_bits)
        case "1":
            return image.convert("L"), None
        case _:
            pass
    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), image.getchannel("A")
    return image, None


def _with_transparent_colour(image: Image.Image, sample_bits: int) -> Image.Image:
    """Applies the one colour that a PNG declares transparent, stored at the file's own depth."""
    transparent = image.info["transparency"]
    if image.mode != "1" and sample_bits != 8:
        most = 2**sample_bits - 1
        scaled = tuple(np.atleast_1d(transparent).astype(np.int64) * 255 // most)
        image.info["transparency"] = tuple(map(int, scaled)) if len(scaled) > 1 else int(scaled[0])
    return image.convert("LA" if image.mode in ("1", "L") else "RGBA")


def _from_16_bit(image: Image.Image, sample_bits: int) -> tuple[Image.Image, Image.Image | None]:
    samples = np.asarray(image).astype(np.uint32)
    most = 2**sample_bits - 1 if 8 < sample_bits < 16 else 65_535
    grey = Image.fromarray((np.minimum(samples, most) * 255 // most).astype(np.uint8))
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey, None
    return grey, Image.fromarray(np.where(samples == transparent, 0, 255).astype(np.uint8))


def _stretched(samples: NDArray[np.float64]) -> Image.Image:
    """8-bit grey of samples whose file states no range.

    The smallest customary range that holds them all (0..1, 0..255, 0..65535), else from their
    least to their greatest. Samples that are not finite become black.
    """
    samples = np.where(np.isfinite(samples), samples, 0.0)
    least, greatest = float(samples.min()), float(samples.max())
    if least >= 0 and greatest <= 65_535:
        least, greatest = 0.0, next(top for top in (1.0, 255.0, 65_535.0) if greatest <= top)
    with np.errstate(over="ignore"):  # the span of float samples can exceed a float
        span = max(greatest - least, np.finfo(np.float64).tiny)
    return Image.fromarray(np.rint((samples - least) / span * 255).astype(np.uint8))


def _to_srgb(colour: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and colour.mode in _PROFILED_MODES:
        build = _cached_transform if len(profile) <= _CACHED_PROFILE_BYTES else _build_transform
        if transform := build(profile, colour.mode):
            converted = transform.apply(colour)
            converted.info.clear()
            return converted
    return colour if colour.mode == "RGB" else colour.convert("RGB")


_PROFILED_MODES = ("RGB", "L", "CMYK")


def _build_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Transform from the profile to sRGB; None when it is unusable or would change nothing."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.ImageCmsTransform(
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return transform if mode == "CMYK" or _changes_colours(transform) else None
    except (OSError, ValueError, TypeError):
        # Little CMS finds it corrupt or of another colour space than the picture, which is still
        # good without it.
        return None


# A catalogue has a handful of profiles and building a transform takes longer than applying it to
# a small picture. Large profiles are left out to bound the memory a stranger can pin.
_cached_transform = lru_cache(maxsize=32)(_build_transform)


def _changes_colours(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform moves any colour of a coarse grid visibly; most profiles are sRGB."""
    levels = np.arange(0, 256, 17, dtype=np.uint8)
    if transform.input_mode == "L":
        probe = Image.fromarray(levels[np.newaxis])
    else:
        grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
        probe = Image.fromarray(grid.reshape(16, 256, 3))
    before = np.asarray(probe.convert("RGB"), dtype=np.int16)
    after = np.asarray(transform.apply(probe), dtype=np.int16)
    return bool(np.abs(after - before).max() > _UNSEEN_DIFFERENCE)
