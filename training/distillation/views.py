"""What of a picture is shown: the whole of it, or a cut, perhaps in other colours."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from training.distillation.settings import ViewSettings

Numbers = NDArray[np.int64]
_CHANGES = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)


def in_order(cuts: Numbers) -> tuple[Numbers, Numbers]:
    """(pictures,) how many cuts of each -> of each view its picture's place, and its number there:
    all pictures once, then all that are cut once more, and so on."""
    rounds = range(int(cuts.max(initial=0)) + 1)
    places = [np.flatnonzero(cuts >= number) for number in rounds]
    numbers = [np.full(len(each), number) for number, each in zip(rounds, places, strict=True)]
    return np.concatenate(places), np.concatenate(numbers)


def view(
    pixels: NDArray[np.uint8], number: int, settings: ViewSettings, *, key: tuple[int, int]
) -> Image.Image:
    """uint8 (side, side, 3), RGB -> RGB, of any size. Number 0 is the whole picture. The same
    picture, number and `key` (of the training and of the picture) give the same pixels."""
    image = Image.fromarray(pixels)
    if number == 0:
        return image
    random = np.random.default_rng([*key, number])
    area = random.uniform(*settings.area)
    stretch = math.exp(random.uniform(-1.0, 1.0) * math.log(settings.stretch))
    width, height = min(1.0, math.sqrt(area * stretch)), min(1.0, math.sqrt(area / stretch))
    left, top = random.uniform(0.0, 1.0 - width), random.uniform(0.0, 1.0 - height)
    side = image.width
    cut = image.crop(
        (
            round(side * left),
            round(side * top),
            round(side * (left + width)),
            round(side * (top + height)),
        )
    )
    if random.random() < settings.colour_chance:
        for change in _CHANGES:
            factor = random.uniform(1.0 - settings.colour, 1.0 + settings.colour)
            cut = change(cut).enhance(factor)
    return cut
