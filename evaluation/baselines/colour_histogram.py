"""S1's first baseline: how much of each colour a picture has, wherever it is."""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evaluation.baselines.part import Part, Table, Vectoriser, unit

Space = Literal["hsv", "lab"]

HSV_BINS = (12, 4, 4)
LAB_BINS = (6, 8, 8)
"""Bins of lightness, green to red, blue to yellow."""

# 8-bit CIELAB has its greys at 128; colours of photographs lie this far around them.
_LAB_RANGE = ((0, 256), (68, 188), (58, 198))
_HSV_RANGE = ((0, 180), (0, 256), (0, 256))


class ColourHistogram(Part):
    """Shares of colours, compared by their Bhattacharyya coefficient.

    Swain & Ballard 1991 ("Color Indexing") compare histograms of colour by their intersection;
    here it is sum_i sqrt(p_i q_i) (Bhattacharyya 1943), which is the inner product of the roots
    of both, so that vectors of unit norm result. Every pixel of the picture counts, also those of
    the background.
    """

    def __init__(self, space: Space = "hsv") -> None:
        self._space = space
        self._bins, self._range = (
            (HSV_BINS, _HSV_RANGE) if space == "hsv" else (LAB_BINS, _LAB_RANGE)
        )

    @property
    def name(self) -> str:
        return f"colour-{self._space}"

    @property
    def key(self) -> str:
        return f"{self.name} {self._bins} {self._range} 1"

    @property
    def columns(self) -> int:
        return int(np.prod(self._bins))

    def table(self, image: Image.Image) -> Table:
        return np.sqrt(shares(as_space(image, self._space), self._bins, self._range))[np.newaxis]

    def fit(self, gallery: Sequence[Table]) -> Vectoriser:
        del gallery  # there is nothing to learn
        return lambda tables: unit(np.concatenate(tables))


def as_space(image: Image.Image, space: Space) -> NDArray[np.uint8]:
    """RGB picture -> uint8 (height, width, 3). HSV: hue 0..179, saturation and value 0..255. CIELAB
    (D65): L scaled to 0..255, a and b moved up by 128."""
    code = cv2.COLOR_RGB2HSV if space == "hsv" else cv2.COLOR_RGB2LAB
    return np.asarray(cv2.cvtColor(np.asarray(image), code), dtype=np.uint8)


def shares(
    pixels: NDArray[np.uint8],
    bins: tuple[int, int, int],
    ranges: Sequence[tuple[int, int]],
) -> NDArray[np.float32]:
    """(…, 3) -> float32 (product of bins,), summing to 1: the first channel's bins are the
    slowest. Values beyond a channel's range count for its last bin on that side."""
    places = np.zeros(pixels.size // 3, dtype=np.int64)
    for channel, (count, (low, high)) in enumerate(zip(bins, ranges, strict=True)):
        values = pixels[..., channel].ravel().astype(np.int64)
        places = places * count + np.clip((values - low) * count // (high - low), 0, count - 1)
    counts = np.bincount(places, minlength=int(np.prod(bins)))
    return (counts / len(places)).astype(np.float32)
