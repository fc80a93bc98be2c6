"""Another background, and what hides a part: what happens around and before the thing for sale."""

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from evaluation.robustness.scenes import Mask

_NEAR_WHITE = 232
_MOST_TINT = 16
# The border is white if this much of it is; a thing may reach over the edge of its picture.
_WHITE_OF_BORDER = 0.9
_LEAST_THING, _MOST_THING = 0.02, 0.95


def white_border_mask(image: Image.Image) -> Mask | None:
    """Where the thing is in a picture with a near-white border, else None.

    The background is what is near white and joined to the border; a hole, such as that of a
    handle, stays with the thing, and so do shadows.
    """
    pixels = np.asarray(image)
    darkest, lightest = pixels.min(axis=2), pixels.max(axis=2)
    white = (darkest >= _NEAR_WHITE) & (lightest - darkest <= _MOST_TINT)
    border = np.concatenate([white[0], white[-1], white[1:-1, 0], white[1:-1, -1]])
    if border.mean() < _WHITE_OF_BORDER:
        return None
    # With a frame of white around it, all background is joined to the frame's corner.
    framed = np.pad(white, 1, constant_values=True).astype(np.uint8)
    _, parts = cv2.connectedComponents(framed, connectivity=4)
    thing = (parts != parts[0, 0])[1:-1, 1:-1]
    if not _LEAST_THING <= thing.mean() <= _MOST_THING:
        return None
    # One pixel less, so that no white seam is carried along, and a soft edge.
    inner = cv2.erode(thing.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(inner, (3, 3), 0.0), dtype=np.float32)


def before(image: Image.Image, mask: Mask, kind: float, random: Generator) -> Image.Image:
    """The thing before white (kind 0), one colour (1), or a mottled texture of two colours (2)."""
    height, width = mask.shape
    backdrops = (_white, _solid, _texture)
    backdrop = backdrops[round(kind)](height, width, random)
    share = mask[..., np.newaxis]
    mixed = share * np.asarray(image, np.float32) + (1.0 - share) * backdrop
    return Image.fromarray(np.round(mixed).astype(np.uint8))


def occluded(image: Image.Image, share: float, random: Generator) -> Image.Image:
    """A rectangle of one colour over this share of the area, of the picture's proportions,
    somewhere within it."""
    colour = tuple(random.integers(0, 256, 3).tolist())
    width, height = (round(side * math.sqrt(share)) for side in image.size)
    left = round(random.random() * (image.width - width))
    top = round(random.random() * (image.height - height))
    covered = image.copy()
    covered.paste(colour, (left, top, left + width, top + height))
    return covered


def _white(height: int, width: int, random: Generator) -> NDArray[np.float32]:
    del random
    return np.full((height, width, 3), 255.0, dtype=np.float32)


def _solid(height: int, width: int, random: Generator) -> NDArray[np.float32]:
    colour = random.integers(0, 256, 3).astype(np.float32)
    return np.broadcast_to(colour, (height, width, 3))


def _texture(height: int, width: int, random: Generator) -> NDArray[np.float32]:
    """Soft noise, coarse and fine, between two colours."""
    first, second = random.integers(0, 256, (2, 3)).astype(np.float32)
    between = np.zeros((height, width), dtype=np.float32)
    for cells in (4, 16, 64):
        noise = random.random((cells, cells), dtype=np.float32)
        fitted = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
        between += np.asarray(fitted, dtype=np.float32) / 3.0
    # The mean of three noises stays near the middle: spread it over both colours.
    between = np.clip(3.0 * (between - 0.5) + 0.5, 0.0, 1.0)[..., np.newaxis]
    return np.asarray(first * (1.0 - between) + second * between, dtype=np.float32)
