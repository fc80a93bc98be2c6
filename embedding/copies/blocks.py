"""One picture lying over another, compared block by block: their edges and their colours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
"""Pixels of each side."""

# Grey levels a pixel, as root mean squares: edges that are worth nothing, edges from which on more
# is worth no more, and what compression makes of nothing.
_FAINT_EDGE = 1.5
_STRONG_EDGE = 20.0
_NOISE = 1.4
_AGREEING = 0.7
# Grey levels by which the colour of a block misses at most.
_OTHER_COLOUR = 40.0
# What is written or stuck over a picture lies in fewer blocks than the rest.
_MOST = 0.7


@dataclass(frozen=True)
class Blocks:
    """Of each block: its weight, the correlation of the edges in both pictures, and how many of its
    pixels were compared, at least 1.

    A block weighs as much as its edges: faint ones little, strong ones no more than good ones, so
    that a text written over the picture cannot outvote it. Blocks without edges weigh nothing.
    """

    weights: NDArray[np.floating]
    correlations: NDArray[np.floating]
    areas: NDArray[np.floating]

    @property
    def structure(self) -> float:
        return _mean(self.weights, self.correlations)

    @property
    def agreeing(self) -> float:
        """Part of the weight whose edges correlate by 0.7 and more."""
        return _mean(self.weights, self.correlations >= _AGREEING)

    def agreeing_pixels(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        agreeing = (self.weights > 0.0) & (self.correlations >= _AGREEING)
        pixels: NDArray[np.bool_] = agreeing.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
        return pixels[: shape[0], : shape[1]]

    def colour(self, misses: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
        """`colour` of an `Agreement`, from what each pixel and channel misses by.

        What was written over a picture hides its colours, what was dyed another colour shows its
        folds, so only blocks whose edges agree are asked; of these, what most of them miss by at
        most, since a text spoils a few of its neighbours, and a dye all of a garment.
        """
        worst = np.zeros_like(self.weights)
        for channel in range(3):
            missed = np.abs(block_sums(misses[:, :, channel] * inside)) / self.areas
            worst = np.maximum(worst, missed)
        asked = self.weights * (self.correlations >= _AGREEING)
        return 1.0 - min(1.0, _quantile(asked, worst, _MOST) / _OTHER_COLOUR)


def blocks_compared(
    over: NDArray[np.uint8], theirs: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> Blocks:
    """`over` and `theirs`: uint8 (height, width, 3); `inside`: (height, width), where both are."""
    mine_x, mine_y = _edges(over)
    theirs_x, theirs_y = _edges(theirs)
    weight = inside.astype(np.float32)
    products = block_sums((mine_x * theirs_x + mine_y * theirs_y) * weight)
    own = block_sums((mine_x**2 + mine_y**2) * weight)
    others = block_sums((theirs_x**2 + theirs_y**2) * weight)
    areas = block_sums(weight)
    floor = np.maximum(areas, 1.0)
    noise = _NOISE**2 * floor
    correlations = products / np.sqrt((own + noise) * (others + noise))
    weights = np.minimum(np.sqrt(np.maximum(own, others) / floor), _STRONG_EDGE)
    weights[(weights < _FAINT_EDGE) | (areas < BLOCK * BLOCK / 2)] = 0.0
    return Blocks(weights, correlations, floor)


def block_sums(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(height, width) -> the sum of each block, the last of a row or column perhaps smaller."""
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], BLOCK), axis=0)
    return np.add.reduceat(rows, np.arange(0, values.shape[1], BLOCK), axis=1)


def _mean(weights: NDArray[np.floating], values: NDArray[np.floating | np.bool_]) -> float:
    """By weight; 0 where nothing weighs anything."""
    total = float(weights.sum())
    return float((weights * values).sum()) / total if total > 0.0 else 0.0


def _quantile(weights: NDArray[np.floating], values: NDArray[np.floating], share: float) -> float:
    """The value that `share` of the weight does not exceed."""
    order = np.argsort(values, axis=None)
    below = np.cumsum(weights.ravel()[order])
    place = int(np.searchsorted(below, share * below[-1]))
    return float(values.ravel()[order[min(place, len(order) - 1)]])


def _edges(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=0.25)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=0.25)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)
