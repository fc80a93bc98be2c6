"""Photographs that a folder holds twice before anything is copied: nobody errs who says so."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from embedding.images import decode

MOST_DIFFERENT = 2.0
"""Grey levels of 255, on average: what saving again changes. The same garment in another colour, in
the same pose on white, differs by 5 and more."""

_SIDE = 48
_SAME_SHAPE = 0.01


def same_photographs(originals: Sequence[Path]) -> set[tuple[int, int]]:
    """Pairs of places, the lesser first, of pictures that are one photograph in one framing.

    Of the same shape to 1 %, and no more than MOST_DIFFERENT apart on average once both are
    48 x 48 pixels. It knows nothing of the features, edges and colours by which copies are judged;
    nor does it find a crop of the same photograph. Takes n² comparisons, some microseconds each.
    """
    shown = [decode(path.read_bytes()).image for path in originals]
    shapes = np.array([image.width / image.height for image in shown])
    pixels = np.stack(
        [
            np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.int16).ravel()
            for image in shown
        ]
    )
    found = set()
    for first in range(len(pixels) - 1):
        others = np.arange(first + 1, len(pixels))
        alike = np.abs(shapes[others] / shapes[first] - 1.0) <= _SAME_SHAPE
        others = others[alike]
        apart = np.abs(pixels[others] - pixels[first]).mean(axis=1)
        found |= {(first, int(second)) for second in others[apart <= MOST_DIFFERENT]}
    return found
