"""Which pixels show the product: what differs from the colour that dominates the border.

Shop photographs stand on one plain colour, which says nothing of the product and covers half of
the picture (S1 names background as the weakness of classic descriptors). It is estimated softly:
no pixel is cut away by a hard mask, and a picture without a plain border keeps all of its pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class BackgroundParameters:
    """Distances are Euclidean in OKLab, where 0.02 is just visible; shares are 0..1."""

    width: float = 0.05
    """Distance from the background's colour at which a pixel is 39 % foreground."""
    plain_from: float = 0.6
    plain_until: float = 0.9
    """Share of the border in the dominant colour: below the first, the picture has no plain
    background; above the second it surely has."""
    remainder: float = 0.5
    """Weight that a background pixel keeps, as a part of the picture's mean weight: a white
    shirt on white is never lost, and the product's share of the picture still counts."""

    def __post_init__(self) -> None:
        if self.width <= 0.0 or self.remainder <= 0.0:
            raise ValueError("width and remainder must be above 0")
        if not 0.0 <= self.plain_from < self.plain_until <= 1.0:
            raise ValueError("0 <= plain_from < plain_until <= 1 must hold")


def foreground(lab: Floats, parameters: BackgroundParameters) -> Floats:
    """OKLab planes (n, 3, side, side) -> weights (n, side, side), each above 0, of mean 1."""
    colour, plainness = _dominant_border_colour(lab, parameters.width)
    unlike = 1.0 - _kernel(lab, colour[:, :, None, None], parameters.width)
    sure = (plainness - parameters.plain_from) / (parameters.plain_until - parameters.plain_from)
    sure = np.clip(sure, 0.0, 1.0)[:, None, None]
    weights: Floats = 1.0 - sure * (1.0 - _enclosed(unlike))
    weights += np.maximum(parameters.remainder * _mean(weights), 1e-6)
    weights /= _mean(weights)
    return weights.astype(np.float32, copy=False)


def _dominant_border_colour(lab: Floats, width: float) -> tuple[Floats, Floats]:
    """The mode of the outermost pixels, (n, 3), and the share of them near it, (n,).

    The border pixel with most neighbours in colour, then two steps of mean shift
    (Comaniciu & Meer 2002), both with a Gaussian kernel.
    """
    sides = [lab[:, :, 0], lab[:, :, -1], lab[:, :, :, 0], lab[:, :, :, -1]]
    border = np.concatenate(sides, axis=2)
    candidates = border[:, :, ::4]
    density = _kernel(candidates[..., None], border[:, :, None, ::2], width).mean(axis=2)
    colour = np.take_along_axis(candidates, density.argmax(axis=1)[:, None, None], axis=2)
    for _ in range(2):
        near = _kernel(border, colour, width)[:, None]
        colour = (border * near).sum(axis=2, keepdims=True) / near.sum(axis=2, keepdims=True)
    return colour[:, :, 0], _kernel(border, colour, width).mean(axis=1)


def _kernel(left: Floats, right: Floats, width: float) -> Floats:
    """Gaussian of the distance between colours whose three values lie along axis 1."""
    away = left - right
    away *= away
    nearness: Floats = away[:, 0] + away[:, 1]
    nearness += away[:, 2]
    nearness *= np.float32(-0.5 / width**2)
    return np.exp(nearness, out=nearness)


def _mean(weights: Floats) -> Floats:
    mean: Floats = weights.mean(axis=(1, 2), keepdims=True)
    return mean


def _enclosed(unlike: Floats) -> Floats:
    """Raise each pixel to what a straight walk to it from every side of the picture must cross.

    So a white label inside a dark box counts as product although it has the background's colour
    (the minimum barrier distance of Strand et al. 2013, over straight paths only).
    """
    walk = np.maximum.accumulate
    enclosed: Floats = np.minimum.reduce(
        [
            walk(unlike, axis=1),
            walk(unlike[:, ::-1], axis=1)[:, ::-1],
            walk(unlike, axis=2),
            walk(unlike[:, :, ::-1], axis=2)[:, :, ::-1],
        ]
    )
    return enclosed
