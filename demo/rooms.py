"""Where wild pictures are taken: walls, tables and floors, each drawn from a seed.

Every surface is a function (rng, height, width) -> (height, width, 3) float32, 0..1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from demo.light import soft_noise
from demo.palette import OAK, WALNUT, Colour
from demo.raster import Canvas, Plane, ellipse, fill
from demo.scene import over

Surface = Callable[[Generator, int, int], Plane]


@dataclass(frozen=True)
class Room:
    """A wall and the surface a product stands on."""

    wall: Surface
    table: Surface


def _paint(colour: Colour) -> Surface:
    def wall(rng: Generator, height: int, width: int) -> Plane:
        light = 1.0 + 0.05 * soft_noise(rng, height, width, (2, 3))
        return _tinted(colour, light)

    return wall


def _tiles(colour: Colour, across: int, down: int, *, bond: bool) -> Surface:
    def wall(rng: Generator, height: int, width: int) -> Plane:
        row = np.arange(height)[:, None] * down / max(height, width)
        column = np.arange(width)[None, :] * across / width + (np.floor(row) % 2) * 0.5 * bond
        tone = 1.0 + 0.16 * (_hash(np.floor(column), np.floor(row)) - 0.5)
        gap_row, gap_column = row % 1.0, column % 1.0
        joint = (gap_row < 0.07) | (gap_column < 0.07 * across / down)
        lit = np.where(joint, np.float32(0.8), tone) + 0.03 * soft_noise(rng, height, width, (9, 9))
        return _tinted(colour, lit)

    return wall


def _planks(colour: Colour, count: int, *, upright: bool = False) -> Surface:
    def table(rng: Generator, height: int, width: int) -> Plane:
        tall, wide = (width, height) if upright else (height, width)
        row = np.arange(tall)[:, None] * count / tall
        grain = soft_noise(rng, tall, wide, (max(tall // 3, 2), 5))
        veins = soft_noise(rng, tall, wide, (max(tall // 9, 2), 3))
        tone = 0.2 * (_hash(np.floor(row), np.float32(3.0)) - 0.5)
        joint = np.where(row % 1.0 < 0.03 * count / 4, np.float32(-0.3), np.float32(0.0))
        light = 1.0 + 0.09 * grain + 0.07 * veins + tone + joint
        return _tinted(colour, light.T if upright else light)

    return table


def _stone(colour: Colour, veins: float, speckle: float) -> Surface:
    def table(rng: Generator, height: int, width: int) -> Plane:
        cloud = soft_noise(rng, height, width, (4, 6)) + 0.6 * soft_noise(
            rng, height, width, (11, 15)
        )
        crack = np.exp(-((cloud / 0.08) ** 2))
        noise = rng.standard_normal((height, width), dtype=np.float32)
        return _tinted(colour, 1.0 + 0.05 * cloud - veins * crack + speckle * noise)

    return table


def _cloth(colour: Colour) -> Surface:
    def table(rng: Generator, height: int, width: int) -> Plane:
        drape = soft_noise(rng, height, width, (3, 7)) + 0.5 * soft_noise(
            rng, height, width, (8, 12)
        )
        weft = np.sin(np.arange(height, dtype=np.float32) * 2.4)[:, None]
        warp = np.sin(np.arange(width, dtype=np.float32) * 2.4)[None, :]
        return _tinted(colour, 1.0 + 0.1 * drape + 0.018 * (weft + warp))

    return table


def _garden(rng: Generator, height: int, width: int) -> Plane:
    """Out of focus green with discs of light."""
    field = soft_noise(rng, height, width, (4, 5))[..., None]
    green = np.array((0.42, 0.55, 0.33), np.float32) * (1.0 + 0.35 * field)
    canvas = Canvas(max(height, width))
    for _ in range(12):
        x, y = rng.uniform(0, 1), rng.uniform(0, height / width)
        reach = rng.uniform(0.02, 0.06)
        disc = fill(canvas.side, ellipse(x, y, reach, reach))
        canvas.paint(disc.faded(0.35), (0.9, 0.95, 0.72))
    cutout = canvas.premultiplied()[:height, :width]
    return over(cutout, np.clip(green, 0, 1).astype(np.float32))


def _tinted(colour: Colour, light: Plane) -> Plane:
    tinted = np.array(colour, np.float32) * np.asarray(light, np.float32)[..., None]
    return np.asarray(np.clip(tinted, 0.0, 1.0), np.float32)


def _hash(column: Plane, row: Plane | np.float32) -> Plane:
    wave = np.sin(column * 12.9898 + row * 78.233) * 4375.85
    return np.asarray(wave - np.floor(wave), np.float32)


ROOMS: Final[dict[str, Room]] = {
    "kitchen": Room(_tiles((0.9, 0.92, 0.9), 7, 9, bond=True), _planks(OAK, 3)),
    "living room": Room(_paint((0.62, 0.7, 0.66)), _planks(WALNUT, 4)),
    "loft": Room(
        _tiles((0.62, 0.38, 0.3), 8, 18, bond=True), _stone((0.62, 0.61, 0.59), 0.0, 0.03)
    ),
    "terrace": Room(_garden, _planks((0.78, 0.74, 0.68), 4)),
    "hall": Room(_paint((0.86, 0.8, 0.72)), _stone((0.88, 0.87, 0.85), 0.22, 0.008)),
    "studio flat": Room(_planks((0.85, 0.83, 0.79), 9, upright=True), _cloth((0.72, 0.66, 0.6))),
}
"""Where standing products are photographed."""

FLOORS: Final[dict[str, Surface]] = {
    "oak floor": _planks(OAK, 6, upright=True),
    "concrete": _stone((0.66, 0.65, 0.63), 0.05, 0.035),
    "bed linen": _cloth((0.86, 0.84, 0.81)),
    "tiles": _tiles((0.8, 0.76, 0.7), 5, 5, bond=False),
    "carpet": _cloth((0.5, 0.48, 0.52)),
    "dark boards": _planks(WALNUT, 5),
}
"""What lying products are photographed on."""
