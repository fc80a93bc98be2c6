"""What people do to a picture before they list it again: edits of two strengths."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

Strength = Literal["mild", "strong"]

Edit = Callable[[Image.Image, np.random.Generator], tuple[Image.Image, int]]
"""An RGB picture -> the edited one, and the JPEG quality that it is saved with."""

_USUAL_QUALITY = 88


def _recompressed(low: int, high: int) -> Edit:
    def edit(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
        return image, int(chance.integers(low, high + 1))

    return edit


def _resized(low: float, high: float) -> Edit:
    """To that part of each side."""

    def edit(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
        part = chance.uniform(low, high)
        size = tuple(max(8, round(part * side)) for side in image.size)
        return image.resize((size[0], size[1]), Image.Resampling.LANCZOS), _USUAL_QUALITY

    return edit


def _cropped(low: float, high: float) -> Edit:
    """To that part of each side, anywhere."""

    def edit(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
        width, height = (round(chance.uniform(low, high) * side) for side in image.size)
        left = int(chance.integers(image.width - width + 1))
        top = int(chance.integers(image.height - height + 1))
        return image.crop((left, top, left + width, top + height)), _USUAL_QUALITY

    return edit


def _toned(most: float) -> Edit:
    """Brightness and contrast each up or down by at most that part."""

    def edit(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
        for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast):
            image = enhance(image).enhance(chance.uniform(1.0 - most, 1.0 + most))
        return image, _USUAL_QUALITY

    return edit


def _mirrored(image: Image.Image, _: np.random.Generator) -> tuple[Image.Image, int]:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), _USUAL_QUALITY


def _rotated(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """By 5 to 10 degrees either way; the corners are filled with white or black."""
    angle = chance.uniform(5.0, 10.0) * chance.choice([-1.0, 1.0])
    fill = (255, 255, 255) if chance.random() < 0.7 else (0, 0, 0)
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=fill), _USUAL_QUALITY


def _captioned(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """A line of text across the picture, a tenth to a sixth of it high."""
    edited = image.copy()
    canvas = ImageDraw.Draw(edited)
    font = ImageFont.load_default(size=max(8, int(chance.uniform(0.10, 0.16) * image.height)))
    top = chance.uniform(0.05, 0.8) * image.height
    words = str(chance.choice(["SALE -30 %", "www.shop.example", "NEW IN", "Limited offer"]))
    colour = tuple(int(value) for value in chance.integers(0, 256, 3))
    place = (0.04 * image.width, top)
    canvas.text(place, words, fill=colour, font=font, stroke_width=1, stroke_fill="white")
    return edited, _USUAL_QUALITY


def _badged(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """A filled disc with a bar in it, a fifth to a third of the shorter side, in a corner."""
    edited = image.copy()
    canvas = ImageDraw.Draw(edited)
    across = chance.uniform(0.2, 0.33) * min(image.size)
    left = chance.choice([0.03 * image.width, 0.97 * image.width - across])
    top = chance.choice([0.03 * image.height, 0.97 * image.height - across])
    first, second = (tuple(int(value) for value in chance.integers(0, 256, 3)) for _ in range(2))
    canvas.ellipse((left, top, left + across, top + across), fill=first)
    middle = top + across / 2
    canvas.rectangle(
        (left + across / 5, middle - across / 8, left + across * 4 / 5, middle + across / 8),
        fill=second,
    )
    return edited, _USUAL_QUALITY


def _framed(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """A border of one colour over the outer 4 to 8 % of each side."""
    edited = image.copy()
    width = max(2, round(chance.uniform(0.04, 0.08) * min(image.size)))
    colour = tuple(int(value) for value in chance.integers(0, 256, 3))
    ImageDraw.Draw(edited).rectangle(
        (0, 0, image.width - 1, image.height - 1), outline=colour, width=width
    )
    return edited, _USUAL_QUALITY


def _tinted(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """Each channel times 0.7 to 1.25, and all times 0.8 to 1.2: another light."""
    gains = chance.uniform(0.7, 1.25, 3) * chance.uniform(0.8, 1.2)
    pixels = np.asarray(image, np.float32) * gains.astype(np.float32)
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)), _USUAL_QUALITY


def _padded(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
    """On a canvas of one colour that is 1.15 to 1.5 times as high, or as wide, or both."""
    factors = chance.uniform(1.15, 1.5, 2)
    one_side = int(chance.integers(3))
    factors[one_side : one_side + 1] = 1.0
    width, height = (round(factor * side) for factor, side in zip(factors, image.size, strict=True))
    fill = (255, 255, 255) if chance.random() < 0.7 else tuple(chance.integers(0, 256, 3).tolist())
    canvas = Image.new("RGB", (width, height), fill)
    canvas.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return canvas, _USUAL_QUALITY


def _one_after_another(*edits: Edit) -> Edit:
    """Saved once, with the lowest quality that any of them asks for."""

    def edit(image: Image.Image, chance: np.random.Generator) -> tuple[Image.Image, int]:
        lowest = 100
        for each in edits:
            image, quality = each(image, chance)
            lowest = min(lowest, quality)
        return image, lowest

    return edit


MILD: Mapping[str, Edit] = {
    "JPEG 60-90": _recompressed(60, 90),
    "resized to 50-90 %": _resized(0.5, 0.9),
    "cropped by at most 5 %": _cropped(0.95, 0.99),
    "brightness and contrast +-10 %": _toned(0.1),
}
STRONG: Mapping[str, Edit] = {
    "cropped to 60-70 % of each side": _cropped(0.6, 0.7),
    "mirrored": _mirrored,
    "JPEG 15-30": _recompressed(15, 30),
    "resized to 20-30 %": _resized(0.2, 0.3),
    "rotated by 5-10 degrees": _rotated,
    "text across": _captioned,
    "badge in a corner": _badged,
    "border": _framed,
    "colours shifted": _tinted,
    "padded": _padded,
    "mirrored, cropped to 75-85 %, JPEG 40-60": _one_after_another(
        _mirrored, _cropped(0.75, 0.85), _recompressed(40, 60)
    ),
    "resized to 40-60 %, text, colours shifted": _one_after_another(
        _resized(0.4, 0.6), _captioned, _tinted
    ),
}
EDITS: Mapping[Strength, Mapping[str, Edit]] = {"mild": MILD, "strong": STRONG}
