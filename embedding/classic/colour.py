"""Colour: how much of which shade, and where, in the perceptual space OKLab."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ColourParameters:
    """Steps are distances in OKLab after chroma has been companded (see `_companded`)."""

    lightness_step: float = 0.2
    chroma_step: float = 0.2
    softness: float = 0.35
    """Standard deviation of a pixel's soft vote, in steps."""
    chroma_knee: float = 0.06
    """Chroma above which shades are told apart less and less finely."""
    layout_cells: int = 4
    """The layout's grid is this many cells high and wide."""
    layout_contrast: float = 0.2
    """Norm of the departures of colour from which the layout has its full length."""

    def __post_init__(self) -> None:
        if min(self.lightness_step, self.chroma_step, self.softness, self.chroma_knee) <= 0.0:
            raise ValueError("steps, softness and chroma_knee must be above 0")
        if self.layout_cells < 1:
            raise ValueError("layout_cells must be at least 1")


class ColourDescriptor:
    """A soft histogram of the product's colours and a coarse map of where they are."""

    def __init__(self, parameters: ColourParameters) -> None:
        self._parameters = parameters
        shades = np.linspace(0, 255, 33).round().astype(np.uint8)
        cube = np.stack(np.meshgrid(shades, shades, shades, indexing="ij"), axis=-1)
        steps = np.array(
            [parameters.lightness_step, parameters.chroma_step, parameters.chroma_step]
        )
        gamut = _companded(oklab(cube.reshape(1, 33, -1, 3)), parameters.chroma_knee)
        gamut = gamut.reshape(3, -1).T
        nodes = np.unique(np.round(gamut / steps).astype(np.int64), axis=0)
        self._axes = [
            (np.arange(low, high + 1) * step).astype(np.float32)
            for low, high, step in zip(nodes.min(axis=0), nodes.max(axis=0), steps, strict=True)
        ]
        self._steps = steps.astype(np.float32)
        shape = tuple(len(axis) for axis in self._axes)
        self._in_gamut = np.ravel_multi_index(tuple((nodes - nodes.min(axis=0)).T), shape)

    @property
    def histogram_length(self) -> int:
        return len(self._in_gamut)

    @property
    def layout_length(self) -> int:
        return 3 * self._parameters.layout_cells**2

    def histogram(self, lab: Floats, weights: Floats) -> Floats:
        """OKLab planes (n, 3, side, side), weights (n, side, side) -> (n, histogram_length).

        Every pixel votes with its weight for the lattice nodes near its colour, by a Gaussian,
        so that a slightly changed shade moves a little of the vote. The square root of shares
        makes the dot product of two histograms their Hellinger affinity (Bhattacharyya 1943),
        in which small details count beside large areas. Unit norm.
        """
        count = len(lab)
        pixels = _companded(lab.reshape(count, 3, -1), self._parameters.chroma_knee)
        # A Gaussian in three dimensions is the product of three, so few exponentials are needed.
        lightness, green_red, blue_yellow = (
            self._votes(pixels[:, axis], axis) for axis in range(3)
        )
        lightness *= weights.reshape(count, 1, -1)
        # One picture at a time: its votes then stay in the processor's cache.
        joint = np.stack(
            [
                light @ (red[:, None] * blue).reshape(-1, pixels.shape[2]).T
                for light, red, blue in zip(lightness, green_red, blue_yellow, strict=True)
            ]
        )
        shares = joint.reshape(count, -1)[:, self._in_gamut]
        shares /= shares.sum(axis=1, keepdims=True)
        histogram: Floats = np.sqrt(shares)
        return histogram

    def layout(self, lab: Floats, weights: Floats) -> Floats:
        """Same input -> (n, layout_length): per cell, how its colour departs from the mean.

        L, a, b; in each the rows of cells from the top, in each the cells from the left. Unit
        norm, or less where the picture has less contrast: zero when it is of one colour.
        """
        count, side = len(lab), self._parameters.layout_cells
        heavy = weights[:, None]
        mean = (lab * heavy).sum(axis=(2, 3)) / heavy.sum(axis=(2, 3))
        departure = (lab - mean[..., None, None]) * heavy
        cell = lab.shape[2] // side
        cells = departure.reshape(count, 3, side, cell, side, cell).mean(axis=(3, 5))
        cells = cells.reshape(count, -1)
        norm = np.linalg.norm(cells, axis=1, keepdims=True)
        layout: Floats = cells / np.maximum(norm, self._parameters.layout_contrast)
        return layout

    def _votes(self, values: Floats, axis: int) -> Floats:
        """(n, pixels) -> (n, nodes along this axis, pixels), summing to 1 over the nodes."""
        width = self._parameters.softness * self._steps[axis]
        away = values[:, None, :] - self._axes[axis][:, None]
        exponent = away * away * np.float32(-0.5 / width**2)
        # Votes this far off do not count, but the product of three would be a denormal number,
        # with which processors calculate ten times slower.
        votes: Floats = np.exp(np.maximum(exponent, np.float32(-20.0)))
        votes /= votes.sum(axis=1, keepdims=True)
        return votes


def oklab(rgb: NDArray[np.uint8]) -> Floats:
    """sRGB (n, height, width, 3), 0..255 -> OKLab planes (n, 3, height, width).

    L lies in 0..1, a and b within about -0.3..0.3. Ottosson 2020, "A perceptual color space for
    image processing".
    """
    count, height, width, _ = rgb.shape
    linear = _LINEAR.take(rgb).reshape(count, -1, 3).transpose(0, 2, 1)
    lab: Floats = _CONES_TO_LAB @ np.cbrt(_RGB_TO_CONES @ linear)
    return lab.reshape(count, 3, height, width)


def _companded(lab: Floats, knee: float) -> Floats:
    """Planes along axis 1, chroma c -> c / (c + knee), hue kept: beside grey a little chroma
    makes another product, among vivid shades it does not."""
    lightness, green_red, blue_yellow = lab[:, 0], lab[:, 1], lab[:, 2]
    chroma = np.sqrt(green_red**2 + blue_yellow**2) + np.float32(knee)
    return np.stack([lightness, green_red / chroma, blue_yellow / chroma], axis=1)


def _srgb_to_linear() -> Floats:
    """IEC 61966-2-1, one entry per 8-bit value."""
    value = np.arange(256) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR = _srgb_to_linear()
_RGB_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_CONES_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
