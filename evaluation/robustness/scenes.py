"""A picture as transforms see it: its pixels, and where in it the thing for sale is."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Mask = NDArray[np.float32]
"""(height, width), 1 where the thing is and 0 where its background is."""

SIDE = 512
"""Pixels of the longer side of a picture under trial: larger ones are scaled down before anything
is done to them, and compared like that."""


@dataclass(frozen=True)
class Scene:
    """An upright RGB picture; `mask` says where the thing is, None when that cannot be told."""

    image: Image.Image
    mask: Callable[[], Mask | None]


def scaled(image: Image.Image) -> Image.Image:
    """At most `SIDE` pixels on the longer side; never enlarged."""
    scale = SIDE / max(image.size)
    if scale >= 1.0:
        return image
    # Rounded up, so that a long and narrow picture does not become narrower than models take.
    width, height = (math.ceil(side * scale) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def border_colour(image: Image.Image) -> tuple[int, int, int]:
    """The median of the outermost pixels, channel by channel: what most likely lies beyond them."""
    pixels = np.asarray(image)
    border = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    red, green, blue = np.median(border, axis=0).astype(int).tolist()
    return red, green, blue
