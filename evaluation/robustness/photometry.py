"""Transforms that leave everything where it is: light and colour, sharpness, and compression.

Each takes an upright RGB picture, its strength, and the source of its chance, as those of
`geometry` do.
"""

import io

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageEnhance, ImageFilter

from evaluation.robustness.geometry import sign


def brightness(image: Image.Image, strength: float, random: Generator) -> Image.Image:
    """Every value times 1 + strength, or times 1 - strength."""
    return ImageEnhance.Brightness(image).enhance(1.0 + sign(random) * strength)


def saturation(image: Image.Image, strength: float, random: Generator) -> Image.Image:
    """Every colour farther from grey by this share, or nearer; at 1, grey, or twice as far."""
    return ImageEnhance.Color(image).enhance(1.0 + sign(random) * strength)


def hue(image: Image.Image, turn: float, random: Generator) -> Image.Image:
    """Every hue turned by this share of the colour circle, one way or the other: 0.5 is the
    farthest."""
    pixels = cv2.cvtColor(np.asarray(image, np.float32) / np.float32(255.0), cv2.COLOR_RGB2HSV)
    pixels[..., 0] = (pixels[..., 0] + np.float32(360.0 * sign(random) * turn)) % 360.0
    turned = cv2.cvtColor(pixels, cv2.COLOR_HSV2RGB)
    return Image.fromarray(np.round(255.0 * np.clip(turned, 0.0, 1.0)).astype(np.uint8))


def blur(image: Image.Image, sigma: float, random: Generator) -> Image.Image:
    """A Gaussian; `sigma` is a share of the longer side."""
    del random
    return image.filter(ImageFilter.GaussianBlur(sigma * max(image.size)))


def jpeg(image: Image.Image, quality: float, random: Generator) -> Image.Image:
    """Saved as a JPEG of this quality (1 to 100), colours at half the resolution, and read again.

    The one strength that is stronger when it is smaller.
    """
    del random
    content = io.BytesIO()
    image.save(content, "JPEG", quality=round(quality), subsampling="4:2:0")
    with Image.open(content) as saved:
        saved.load()
        return saved.copy()
