"""From a picture of any shape to the square of pixels a model's card asks for.

The result stays uint8: scaling, mean and standard deviation are folded into the compiled model,
which is faster than doing them here and moves a quarter of the bytes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import Fit, Interpolation

DEFAULT_FIT: Fit = "stretch"
"""For backbones added without another wish."""

# Large pictures are first shrunk by a whole factor, to no less than twice the final size, and
# only then resampled: 2 to 5 times faster, and 0.1 grey levels of 255 from resampling at once.
_REDUCING_GAP = 2.0

_RESAMPLING: dict[Interpolation, Image.Resampling] = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


class Preparing(Protocol):
    """How a picture becomes a square of pixels; every model's card says it."""

    @property
    def input_size(self) -> int: ...
    @property
    def fit(self) -> Fit: ...
    @property
    def interpolation(self) -> Interpolation: ...
    @property
    def crop_fraction(self) -> float: ...


@dataclass(frozen=True)
class Preparation:
    """Equal ones make the same pixels of any picture."""

    input_size: int
    fit: Fit
    interpolation: Interpolation
    crop_fraction: float = 1.0

    @classmethod
    def of(cls, card: Preparing) -> Self:
        fraction = card.crop_fraction if card.fit == "crop" else 1.0
        return cls(card.input_size, card.fit, card.interpolation, fraction)


Square = Callable[[Image.Image, int, Image.Resampling, float], Image.Image]


def prepare_pixels(image: Image.Image, card: Preparing) -> NDArray[np.uint8]:
    """One RGB picture -> uint8 (input_size, input_size, 3), RGB, antialiased.

    Raises ValueError when the picture is not RGB: a decoder's job, never the user's mistake.
    """
    if image.mode != "RGB":
        raise ValueError(
            f"a picture must be decoded to RGB before it is prepared, not {image.mode}"
        )
    to_square = _SQUARES[card.fit]
    resampling = _RESAMPLING[card.interpolation]
    square = to_square(image, card.input_size, resampling, card.crop_fraction)
    return np.asarray(square, dtype=np.uint8)


def shorter_side_needed(card: Preparing) -> int:
    """Pixels on the shorter side below which decoding at a reduced scale would lose detail."""
    if card.fit == "crop":
        return math.ceil(card.input_size / card.crop_fraction)
    return card.input_size


def _crop(
    image: Image.Image, size: int, resampling: Image.Resampling, fraction: float
) -> Image.Image:
    """The centre, `fraction` of the shorter side, cut and scaled in one step."""
    side = min(image.size) * fraction
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return image.resize((size, size), resampling, box=box, reducing_gap=_REDUCING_GAP)


def _letterbox(
    image: Image.Image, size: int, resampling: Image.Resampling, _: float
) -> Image.Image:
    """The whole picture in its proportions, centred on white, as shops photograph products."""
    scale = size / max(image.size)
    width = max(1, round(image.width * scale))
    height = max(1, round(image.height * scale))
    square = Image.new("RGB", (size, size), "white")
    inner = image.resize((width, height), resampling, reducing_gap=_REDUCING_GAP)
    square.paste(inner, ((size - width) // 2, (size - height) // 2))
    return square


def _stretch(image: Image.Image, size: int, resampling: Image.Resampling, _: float) -> Image.Image:
    """The whole picture, its proportions given up."""
    return image.resize((size, size), resampling, reducing_gap=_REDUCING_GAP)


_SQUARES: dict[Fit, Square] = {"crop": _crop, "letterbox": _letterbox, "stretch": _stretch}
