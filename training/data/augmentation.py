"""Each time another picture of the same thing: S4's transforms, at random strengths."""

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from evaluation.robustness.background import white_border_mask
from evaluation.robustness.scenes import Scene
from evaluation.robustness.transforms import TRANSFORMS, Transform
from training.data.settings import ChangeSettings


class Augmentation:
    """Changes pictures of `side` pixels or more and makes them `side` x `side`.

    The same picture, seed, epoch and draw give the same pixels, in any thread.
    """

    def __init__(self, changes: Mapping[str, ChangeSettings], *, side: int, seed: int) -> None:
        """`changes`: by names of TRANSFORMS."""
        self._changes = [(TRANSFORMS[name], changes[name]) for name in _order() if name in changes]
        self._side = side
        self._seed = seed

    def __call__(self, pixels: NDArray[np.uint8], *, epoch: int, draw: int) -> NDArray[np.uint8]:
        """uint8 (any side, any side, 3) -> uint8 (side, side, 3), RGB. `draw`: the number of the
        picture within the epoch, so that one drawn twice is changed in two ways."""
        random = np.random.default_rng([self._seed, epoch, draw])
        image = Image.fromarray(pixels)
        for transform, settings in self._changes:
            image = _changed(image, transform, settings, random)
        square = image.resize((self._side, self._side), Image.Resampling.BICUBIC)
        return np.asarray(square, dtype=np.uint8)


def _order() -> list[str]:
    """Backgrounds first, while the border can still be seen; what hides a part of the picture last,
    as it is among TRANSFORMS."""
    return sorted(TRANSFORMS, key=lambda name: not TRANSFORMS[name].needs_mask)


def _changed(
    image: Image.Image, transform: Transform, settings: ChangeSettings, random: Generator
) -> Image.Image:
    if random.random() >= settings.chance:
        return image
    mask = white_border_mask(image) if transform.needs_mask else None
    if transform.needs_mask and mask is None:
        return image  # a thing that cannot be told from its background keeps it
    return transform.apply(Scene(image, lambda: mask), random.uniform(*settings.strength), random)
