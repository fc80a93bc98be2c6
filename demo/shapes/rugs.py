"""Rugs, seen from above: woven ground, border, fringe."""

from typing import Final

import numpy as np

from demo.light import grain, soft_noise
from demo.model import Look, Orientation, View
from demo.palette import PAPER, mix
from demo.quad import laid_out
from demo.raster import Canvas, Patch, Plane, Points, ellipse, fill, rounded
from demo.shapes.family import Family, chance, flat, patch_label, pattern_of, tones

HALVES: Final[dict[str, tuple[float, float]]] = {
    "area rug": (0.27, 0.38),
    "round rug": (0.37, 0.37),
    "runner rug": (0.155, 0.42),
    "oval rug": (0.285, 0.4),
}
"""Half width and half height on the floor."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    if look.detail == "fringe":
        _fringe(canvas, look)
    ground = fill(side, _outline(look.shape, 0.0))
    canvas.paint(ground, flat(ground, pattern_of(look)), _pile(ground, look))
    if look.detail in ("border", "double border"):
        insets = [(0.0, 0.04)] if look.detail == "border" else [(0.0, 0.022), (0.034, 0.05)]
        for outer, inner in insets:
            band = fill(side, _outline(look.shape, outer), holes=[_outline(look.shape, inner)])
            canvas.paint(band, colours.accent, _pile(band, look))
    rim = fill(side, _outline(look.shape, 0.0), holes=[_outline(look.shape, 0.008)])
    canvas.multiply(rim, 0.82)
    across, down = HALVES[look.shape]
    if orientation == "left":
        canvas.mirror()
    way = 1 if orientation == "right" else -1
    reach = 0.62 if look.shape in ("round rug", "oval rug") else 0.86
    patch_label(canvas, look, 0.5 + way * across * (reach - 0.18), 0.5 + down * reach, 0.07)
    return laid_out(canvas.premultiplied(), view)


def _outline(shape: str, inset: float) -> Points:
    across, down = (half - inset for half in HALVES[shape])
    if shape in ("round rug", "oval rug"):
        return ellipse(0.5, 0.5, across, down)
    return rounded(0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down, 0.012)


def _pile(patch: Patch, look: Look) -> Plane:
    """Tufts in rows: fine ribs, a grain, and the soft shine of brushed pile."""
    accidents = chance(look, "pile")
    height, width = patch.coverage.shape
    _, y = patch.grid()
    ribs = 1.0 + 0.035 * np.sin(y * np.float32(2 * np.pi * 110))
    brushed = 1.0 + 0.06 * soft_noise(accidents, height, width, (5, 5))
    return np.asarray(ribs * brushed * grain(patch, accidents, 0.05), np.float32)


def _fringe(canvas: Canvas, look: Look) -> None:
    across, down = HALVES[look.shape]
    thread = mix(PAPER, tones(look).main, 0.2)
    accidents = chance(look, "fringe")
    round_shape = look.shape in ("round rug", "oval rug")
    strands: list[Points] = []
    if round_shape:
        for angle in np.linspace(0, 2 * np.pi, 90, endpoint=False):
            sway = angle + accidents.uniform(-0.02, 0.02)
            strands.append(_strand((across, down), angle - 0.012, sway, angle + 0.012))
    else:
        for way in (-1, 1):
            for x in np.arange(0.5 - across + 0.008, 0.5 + across - 0.004, 0.0135):
                tip = x + accidents.uniform(-0.006, 0.006)
                base, end = 0.5 + way * (down - 0.005), 0.5 + way * (down + 0.045)
                strands.append(np.array([(x - 0.0045, base), (x + 0.0045, base), (tip, end)]))
    patch = fill(canvas.side, *strands)
    canvas.paint(patch, thread)
    canvas.multiply(patch, grain(patch, accidents, 0.06))
    canvas.multiply(fill(canvas.side, *(strand + 0.002 for strand in strands[::2])), 0.92)


def _strand(halves: tuple[float, float], start: float, tip: float, end: float) -> Points:
    across, down = halves
    points = [
        (np.cos(start) * across, np.sin(start) * down),
        (np.cos(end) * across, np.sin(end) * down),
        (np.cos(tip) * (across + 0.04), np.sin(tip) * (down + 0.04)),
    ]
    return 0.5 + np.array(points)


FAMILY: Final = Family(
    category="rugs",
    noun="rug",
    shapes=tuple(HALVES),
    patterns=("diamonds", "stripes", "chevrons", "plaid", "waves", "checks", "speckles", "petals"),
    spacings=(0.07, 0.095, 0.12),
    details=("fringe", "border", "plain", "double border"),
    tones=(
        "terracotta",
        "navy",
        "ivory",
        "sage",
        "charcoal",
        "mustard",
        "denim",
        "burgundy",
        "sand",
    ),
    brands=("Norvela", "Tamsin & Oak", "Bexley Finch"),
    price=(60, 320),
    front=View(0, 0, 0),
    angle=View(0, 38, 14),
    draw=draw,
    lies=True,
)
