"""What every product type tells the planner, and the helpers that dress its surfaces."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from demo.labels import inks_on, label, mark
from demo.light import folds, grain, puffed
from demo.model import Look, Orientation, View
from demo.palette import Colour, Colourway, colourway, darker, lighter
from demo.patterns import Pattern, weave
from demo.quad import sample
from demo.raster import Canvas, Patch, Plane, ellipse, fill, stroke

Draw = Callable[[Look, View, Orientation, int], Plane]
"""(look, view, orientation, side) -> (side, side, 4) float32, premultiplied."""


@dataclass(frozen=True)
class Family:
    """A product type: the values its factors take, how it is photographed and drawn.

    `shapes` name what is sold ("Tote" -> "tote bag"); `contents` and `sizes` are empty for types
    without a printed label; `lies` is True for what is photographed from above.
    """

    category: str
    noun: str
    shapes: tuple[str, ...]
    patterns: tuple[str, ...]
    spacings: tuple[float, ...]
    details: tuple[str, ...]
    tones: tuple[str, ...]
    brands: tuple[str, ...]
    price: tuple[int, int]
    front: View
    angle: View
    draw: Draw
    contents: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    lies: bool = False


def chance(look: Look, part: str) -> Generator:
    """The accidents of one part of a product: the same in every colour and picture of a style."""
    return np.random.default_rng([look.cloth, *part.encode()])


def tones(look: Look) -> Colourway:
    return colourway(look.colour)


def pattern_of(look: Look, *, quiet: bool = False, ground: Colour | None = None) -> Pattern:
    """The look's pattern in its colourway; `quiet` weaves it tone on tone."""
    colours = tones(look)
    base = colours.main if ground is None else ground
    figure, accent = colours.partner, colours.accent
    if quiet:
        bright = sum(base) / 3 > 0.62
        figure = darker(base, 0.16) if bright else lighter(base, 0.2)
        accent = darker(base, 0.3) if bright else lighter(base, 0.4)
    return Pattern(look.pattern, look.spacing, base, figure, accent)


def flat(patch: Patch, pattern: Pattern, *, turn: float = 0.0) -> Plane:
    """The pattern on a flat patch, its rows turned by degrees."""
    x, y = patch.grid()
    angle = np.radians(turn)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u = (x - np.float32(0.5)) * cosine + (y - np.float32(0.5)) * sine
    v = (y - np.float32(0.5)) * cosine - (x - np.float32(0.5)) * sine
    return weave(pattern, u, v, 1.0 / patch.side)


def sew(
    canvas: Canvas,
    patch: Patch,
    look: Look,
    part: str,
    *,
    colour: Colour | None = None,
    depth: float = 0.05,
    softness: float = 0.05,
    creases: float = 0.07,
    turn: float = 0.0,
) -> None:
    """Paint a piece of cloth: the look's pattern (or one colour), stuffed, creased and grained."""
    surface = flat(patch, pattern_of(look), turn=turn) if colour is None else colour
    accidents = chance(look, part)
    shade = puffed(patch, depth, softness=softness)
    shade = shade * folds(patch, accidents, strength=creases) * grain(patch, accidents)
    canvas.paint(patch, surface, shade)


def seam(canvas: Canvas, line: ArrayLike) -> None:
    """A stitched line: a dark thread in a soft groove."""
    canvas.multiply(stroke(canvas.side, line, 0.009), 0.93)
    canvas.multiply(stroke(canvas.side, line, 0.003), 0.78)


def stamp(canvas: Canvas, artwork: Plane, x: float, y: float, width: float) -> None:
    """Print artwork centred at (x, y), `width` of the side wide, lit like what is under it."""
    height = width * artwork.shape[0] / artwork.shape[1]
    left, top = x - width / 2, y - height / 2
    box = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    patch = fill(canvas.side, box)
    across, down = patch.grid()
    shape = patch.coverage.shape
    colour, coverage = sample(
        artwork,
        np.broadcast_to((across - np.float32(left)) / np.float32(width), shape),
        np.broadcast_to((down - np.float32(top)) / np.float32(height), shape),
    )
    canvas.paint(patch.faded(coverage), colour)


def patch_label(canvas: Canvas, look: Look, x: float, y: float, width: float) -> None:
    """A small woven brand label with a shadow under it."""
    colours = tones(look)
    half, tall = width / 2, width * 0.36
    outline = [
        (x - half, y - tall),
        (x + half, y - tall),
        (x + half, y + tall),
        (x - half, y + tall),
    ]
    canvas.multiply(fill(canvas.side, np.array(outline) + 0.004), 0.8)
    canvas.paint(fill(canvas.side, outline), lighter(colours.main, 0.86))
    stamp(canvas, mark(look.brand, 96, darker(colours.main, 0.6)), x, y, width * 0.56)


def badge(canvas: Canvas, look: Look, x: float, y: float, radius: float) -> None:
    """The brand's mark on a pale round badge, for surfaces too busy to print on."""
    dark = darker(tones(look).main, 0.62)
    canvas.paint(fill(canvas.side, ellipse(x, y, radius, radius)), dark)
    canvas.paint(
        fill(canvas.side, ellipse(x, y, radius * 0.91, radius * 0.91)),
        lighter(tones(look).main, 0.9),
    )
    stamp(canvas, mark(look.brand, 128, dark), x, y, radius * 1.3)


def printed_label(look: Look, width: float, height: float, side: int, *, pale: bool) -> Plane:
    """The look's label artwork for a place of `width` x `height` (fractions of the side)."""
    if look.label is None:
        raise ValueError(f"a {look.category} look carries no label")
    pixels = 1.5 * side
    return label(
        look.brand,
        look.label,
        inks_on(tones(look), pale=pale),
        round(width * pixels),
        round(height * pixels),
    )
