"""Surface patterns as functions of place: the same weave on a flat cloth and around a mug.

A pattern is evaluated where a surface is visible, at texture coordinates in fractions of the
picture's side, and smoothed over the pixel's footprint, so that it needs no texture picture and
shows no stairs. `spacing` is the period that shoppers would name: the distance from one
stripe, dot or zigzag to the next.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from demo.palette import Colour
from demo.raster import Plane

PATTERNS: Final = (
    "plain",
    "stripes",
    "dots",
    "checks",
    "chevrons",
    "diamonds",
    "plaid",
    "waves",
    "speckles",
    "petals",
)
"""Every pattern by name; only `plain` has no spacing."""


@dataclass(frozen=True)
class Pattern:
    """One of `PATTERNS` with its period and its three colours (0..1 sRGB)."""

    kind: str
    spacing: float
    ground: Colour
    figure: Colour
    accent: Colour

    def __post_init__(self) -> None:
        if self.kind not in PATTERNS:
            raise ValueError(f"{self.kind!r} is not one of the patterns {', '.join(PATTERNS)}")
        if self.spacing <= 0:
            raise ValueError("a pattern's spacing is positive")


def weave(pattern: Pattern, u: Plane, v: Plane, footprint: Plane | float) -> Plane:
    """The pattern's colour at texture coordinates (u, v): float32 (height, width, 3).

    `u`, `v` and `footprint` broadcast to (height, width); the footprint is what one pixel covers,
    in the same unit.
    """
    u, v = (np.asarray(axis, np.float32) for axis in np.broadcast_arrays(u, v))
    ground, figure, accent = (
        np.array(colour, np.float32) for colour in (pattern.ground, pattern.figure, pattern.accent)
    )
    if pattern.kind == "plain":
        return np.broadcast_to(ground, (*u.shape, 3))
    figured, accented = _COVERAGES[pattern.kind](u, v, pattern.spacing, footprint)
    colour = ground + (figure - ground) * figured[..., None]
    if accented is not None:
        colour += (accent - colour) * accented[..., None]
    return colour.astype(np.float32)


Coverages = tuple[Plane, Plane | None]


def _stripes(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    del u
    return _band(v, spacing, 0.5, footprint), None


def _dots(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    row = np.floor(v / spacing)
    across = _cell(u + (row % 2) * spacing / 2, spacing)
    distance = np.hypot(across, _cell(v, spacing))
    return _edge(0.27 * spacing - distance, footprint), None


def _checks(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    return (_band(u, spacing, 0.5, footprint) + _band(v, spacing, 0.5, footprint)) / 2, None


def _chevrons(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    zigzag = v + np.abs(_cell(u, 2 * spacing))
    return _band(zigzag, spacing, 0.46, footprint), None


def _diamonds(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    reach = np.abs(_cell(u, spacing)) + np.abs(_cell(v, 1.5 * spacing)) / 1.5
    alternate = (np.floor(u / spacing) % 2).astype(np.float32)
    line = np.minimum(
        np.abs(_cell(u / 1.0 + v / 1.5, spacing)), np.abs(_cell(u / 1.0 - v / 1.5, spacing))
    )
    figured = _edge((spacing / 2 - reach) * 0.8, footprint) * (0.55 + 0.45 * alternate)
    return figured, 0.8 * _edge(spacing * 0.03 - line, footprint)


def _plaid(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    broad = 0.5 * (_band(u, spacing, 0.42, footprint) + _band(v, spacing, 0.42, footprint))
    shifted = spacing / 2
    fine = np.maximum(
        _band(u + shifted, spacing, 0.07, footprint), _band(v + shifted, spacing, 0.07, footprint)
    )
    return broad, 0.85 * fine


def _waves(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    swell = 0.3 * spacing * np.sin(u * np.float32(2 * np.pi / (2.2 * spacing)))
    return _band(v + swell, spacing, 0.44, footprint), None


def _speckles(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    cell = spacing * 0.55
    column, row = np.floor(u / cell), np.floor(v / cell)
    chance = _scatter(column, row, 1.0)
    across = _cell(u, cell) - 0.42 * cell * (_scatter(column, row, 2.0) - 0.5)
    down = _cell(v, cell) - 0.42 * cell * (_scatter(column, row, 3.0) - 0.5)
    size = cell * (0.1 + 0.2 * _scatter(column, row, 4.0))
    spot = _edge(size - np.hypot(across * (0.7 + 0.6 * chance), down), footprint)
    return spot * (chance < 0.62), spot * (chance >= 0.62) * (chance < 0.86)


def _petals(u: Plane, v: Plane, spacing: float, footprint: Plane | float) -> Coverages:
    row = np.floor(v / spacing)
    across, down = _cell(u + (row % 2) * spacing / 2, spacing), _cell(v, spacing)
    distance = np.hypot(across, down)
    bloom = 0.26 * spacing * (1.0 + 0.42 * np.cos(5 * np.arctan2(down, across)))
    return _edge(bloom - distance, footprint), _edge(0.1 * spacing - distance, footprint)


_COVERAGES: Final = {
    "stripes": _stripes,
    "dots": _dots,
    "checks": _checks,
    "chevrons": _chevrons,
    "diamonds": _diamonds,
    "plaid": _plaid,
    "waves": _waves,
    "speckles": _speckles,
    "petals": _petals,
}


def _cell(position: Plane, period: float) -> Plane:
    """Signed distance to the middle of the period the position falls in."""
    place: Plane = position - (np.floor(position / period) + np.float32(0.5)) * np.float32(period)
    return place


def _band(position: Plane, period: float, share: float, footprint: Plane | float) -> Plane:
    """Coverage of bands that fill `share` of every period."""
    return _edge(share * period / 2 - np.abs(_cell(position, period)), footprint)


def _edge(depth: Plane, footprint: Plane | float) -> Plane:
    """Coverage of a pixel whose centre lies `depth` inside an edge."""
    return np.asarray(np.clip(depth / footprint + 0.5, 0.0, 1.0), np.float32)


def _scatter(column: Plane, row: Plane, salt: float) -> Plane:
    """A repeatable number 0..1 for every cell of a grid."""
    wave = np.sin(column * np.float32(12.9898) + row * np.float32(78.233) + np.float32(salt * 37.7))
    spread = wave * np.float32(437.585)
    return np.asarray(spread - np.floor(spread), np.float32)
