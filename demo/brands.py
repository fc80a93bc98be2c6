"""Eight invented brands: a drawn mark, a way to set their name, and what they make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from demo.raster import Points, ellipse


@dataclass(frozen=True)
class Brand:
    """A brand's name as it is set, its mark and the layout of its labels.

    `mark` gives the outlines of the logo in a unit square, holes by the even-odd rule.
    """

    name: str
    wordmark: str
    spaced: float
    heavy: bool
    layout: str
    mark: Callable[[], list[Points]]


def _peaks() -> list[Points]:
    return [
        np.array([(0.02, 0.85), (0.36, 0.2), (0.53, 0.52), (0.64, 0.36), (0.98, 0.85)]),
        np.array([(0.27, 0.53), (0.36, 0.36), (0.45, 0.53), (0.36, 0.47)]),
    ]


def _leaf() -> list[Points]:
    t = np.linspace(0, 1, 30)
    bulge = 0.42 * np.sin(np.pi * t) ** 0.8
    line = np.stack([0.1 + 0.8 * t, 0.9 - 0.8 * t], axis=1)
    normal = np.array([0.5**0.5, 0.5**0.5])
    outline = np.vstack([line + bulge[:, None] * normal, (line - bulge[:, None] * normal)[::-1]])
    vein = np.array([(0.16, 0.86), (0.14, 0.82), (0.78, 0.2), (0.8, 0.22)])
    return [outline, vein]


def _sun() -> list[Points]:
    rays = []
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        ray = np.array([(0.36, -0.045), (0.5, -0.03), (0.5, 0.03), (0.36, 0.045)])
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        rays.append(ray @ spin + 0.5)
    return [ellipse(0.5, 0.5, 0.28, 0.28), *rays]


def _waves() -> list[Points]:
    x = np.linspace(0.02, 0.98, 40)
    bands = []
    for middle in (0.28, 0.52, 0.76):
        y = middle + 0.075 * np.sin(x * 4 * np.pi)
        bands.append(
            np.vstack([np.stack([x, y - 0.05], 1), np.stack([x[::-1], y[::-1] + 0.05], 1)])
        )
    return bands


def _hexagon() -> list[Points]:
    angle = np.linspace(0, 2 * np.pi, 6, endpoint=False) + np.pi / 6
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [0.5 + 0.49 * ring, 0.5 + 0.36 * ring, 0.5 + 0.2 * ring]


def _feather() -> list[Points]:
    wing = []
    for index in range(3):
        lift = 0.24 * index
        wing.append(
            np.array(
                [
                    (0.05 + 0.1 * index, 0.86 - lift),
                    (0.42 + 0.06 * index, 0.72 - lift),
                    (0.96, 0.26 - 0.12 * index + 0.1),
                    (0.55 + 0.04 * index, 0.88 - lift),
                ]
            )
        )
    return wing


def _rings() -> list[Points]:
    return [
        ellipse(0.33, 0.5, 0.32, 0.32),
        ellipse(0.33, 0.5, 0.21, 0.21),
        ellipse(0.67, 0.5, 0.32, 0.32),
        ellipse(0.67, 0.5, 0.21, 0.21),
    ]


def _star() -> list[Points]:
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False) - np.pi / 2
    reach = np.where(np.arange(16) % 4 == 0, 0.5, np.where(np.arange(16) % 2 == 0, 0.34, 0.16))
    return [np.stack([0.5 + reach * np.cos(angle), 0.5 + reach * np.sin(angle)], axis=1)]


BRANDS: Final[dict[str, Brand]] = {
    brand.name: brand
    for brand in (
        Brand("Norvela", "NORVELA", 0.3, False, "band", _peaks),
        Brand("Tamsin & Oak", "Tamsin & Oak", 0.02, False, "crest", _leaf),
        Brand("Fjella", "fjella", 0.06, True, "split", _waves),
        Brand("Quillon", "QUILLON", 0.16, True, "band", _feather),
        Brand("Maravo", "maravo", 0.1, False, "crest", _sun),
        Brand("Bexley Finch", "BEXLEY FINCH", 0.2, False, "frame", _rings),
        Brand("Solunne", "Solunne", 0.05, True, "frame", _star),
        Brand("Harbrook", "HARBROOK", 0.08, True, "split", _hexagon),
    )
}
