"""Transforms that move a picture's content: S4's flip, rotation, resized crop, affine, perspective.

Each takes an upright RGB picture, its strength, and the source of its chance; strength 0 gives the
picture as it was. Chance decides directions and places, never how much: a picture gets all of the
strength. What comes into sight from beyond the picture has the colour of its border.
"""

import math

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image

from evaluation.robustness.scenes import border_colour

AFFINE_DEGREES = 30.0
AFFINE_SCALE = 0.3
AFFINE_SHEAR_DEGREES = 15.0
"""What `affine` does at strength 1."""

MOST_STRETCH = 4.0 / 3.0
"""Of a resized crop: how far its proportions may be from the picture's."""


def flipped(image: Image.Image, strength: float, random: Generator) -> Image.Image:
    """Mirrored left to right, unless the strength is 0."""
    del random
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if strength else image.copy()


def rotated(image: Image.Image, degrees: float, random: Generator) -> Image.Image:
    """By so many degrees, one way or the other; the picture keeps its size."""
    return image.rotate(
        sign(random) * degrees, Image.Resampling.BICUBIC, fillcolor=border_colour(image)
    )


def resized_crop(image: Image.Image, cut_away: float, random: Generator) -> Image.Image:
    """A window that lacks this share of the area, somewhere, stretched to the picture's size."""
    area = 1.0 - cut_away
    stretch = math.exp(random.uniform(-1.0, 1.0) * math.log(MOST_STRETCH))
    across = min(1.0, max(area, math.sqrt(area * stretch)))
    box = _window(image, across, area / across, random)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)


def cropped(image: Image.Image, cut_away: float, random: Generator) -> Image.Image:
    """A window that lacks this share of both sides, somewhere; nothing is stretched."""
    left, top, right, bottom = _window(image, 1.0 - cut_away, 1.0 - cut_away, random)
    width, height = max(1, round(right - left)), max(1, round(bottom - top))
    return image.crop((round(left), round(top), round(left) + width, round(top) + height))


def affine(image: Image.Image, strength: float, random: Generator) -> Image.Image:
    """Turned, scaled and sheared about the centre, each one way or the other."""
    angle = math.radians(sign(random) * AFFINE_DEGREES * strength)
    scale = (1.0 + AFFINE_SCALE * strength) ** sign(random)
    shear = math.tan(math.radians(sign(random) * AFFINE_SHEAR_DEGREES * strength))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    forward = scale * turn @ np.array([[1.0, shear], [0.0, 1.0]])
    back = np.linalg.inv(forward)
    centre = np.array(image.size) / 2.0
    shift = centre - back @ centre
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        (*back[0].tolist(), float(shift[0]), *back[1].tolist(), float(shift[1])),
        Image.Resampling.BICUBIC,
        fillcolor=border_colour(image),
    )


def perspective(image: Image.Image, strength: float, random: Generator) -> Image.Image:
    """Its corners moved inwards, each by up to half of this share of the sides."""
    width, height = image.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=np.float32)
    moves = random.uniform(0.0, strength / 2.0, (4, 2)) * (width, height)
    moved = (corners + inwards * moves).astype(np.float32)
    back = np.asarray(cv2.getPerspectiveTransform(moved, corners), dtype=np.float64)
    return image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        (back / back[2, 2]).ravel()[:8].tolist(),
        Image.Resampling.BICUBIC,
        fillcolor=border_colour(image),
    )


def sign(random: Generator) -> int:
    """1 or -1."""
    return 1 if random.random() < 0.5 else -1


def _window(
    image: Image.Image, across: float, down: float, random: Generator
) -> tuple[float, float, float, float]:
    """A part of the picture, in shares of its width and height, somewhere inside."""
    width, height = image.width * across, image.height * down
    left = random.random() * (image.width - width)
    top = random.random() * (image.height - height)
    # Rounding may carry the sum a hair beyond the picture.
    return left, top, min(left + width, image.width), min(top + height, image.height)
