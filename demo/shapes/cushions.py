"""Cushions: stuffed covers with piping, tassels or buttons."""

from typing import Final

import numpy as np

from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import darker
from demo.quad import laid_out
from demo.raster import Canvas, Plane, Points, curve, ellipse, fill, stroke, symmetric
from demo.shapes.family import Family, patch_label, sew, tones

COVERS: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "square cushion": (
        (0.5, 0.195), (0.66, 0.185), (0.835, 0.15, 1), (0.805, 0.34), (0.812, 0.66),
        (0.84, 0.85, 1),
        (0.66, 0.82), (0.5, 0.815),
    ),
    "lumbar cushion": (
        (0.5, 0.33), (0.72, 0.32), (0.91, 0.29, 1), (0.888, 0.42), (0.89, 0.58), (0.912, 0.71, 1),
        (0.72, 0.685), (0.5, 0.68),
    ),
    "round cushion": (
        (0.5, 0.155), (0.63, 0.18), (0.75, 0.26), (0.825, 0.38), (0.845, 0.5), (0.82, 0.63),
        (0.74, 0.745), (0.62, 0.82), (0.5, 0.84),
    ),
    "bolster": (
        (0.5, 0.37), (0.8, 0.372), (0.86, 0.39), (0.895, 0.45), (0.9, 0.52), (0.89, 0.6),
        (0.855, 0.655), (0.8, 0.67), (0.5, 0.672),
    ),
}  # fmt: skip


_EDGES: Final = {
    "round cushion": [(0.84, 0.5), (0.79, 0.3), (0.64, 0.175), (0.79, 0.7), (0.64, 0.825)],
    "bolster": [(0.89, 0.47), (0.89, 0.57)],
}
"""Where tassels hang on covers without corners."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    outline = symmetric(COVERS[look.shape])
    if look.detail == "tassels":
        _tassels(canvas, look)
    cover = fill(side, outline)
    sew(canvas, cover, look, "cover", depth=0.16, softness=0.15, creases=0.05, turn=0.0)
    if look.detail == "piping":
        cord = stroke(side, np.vstack([outline, outline[:1]]), 0.014)
        canvas.paint(cord, colours.accent, puffed(cord, 0.03, softness=0.012))
    elif look.detail == "buttons":
        spots = [(0.5, 0.5)] if look.shape != "lumbar cushion" else [(0.35, 0.5), (0.65, 0.5)]
        for x, y in spots:
            canvas.multiply(fill(side, ellipse(x, y, 0.06, 0.06)), 0.93)
            canvas.multiply(fill(side, ellipse(x, y, 0.034, 0.034)), 0.8)
            button = fill(side, ellipse(x, y - 0.003, 0.023, 0.023))
            canvas.paint(button, colours.accent, puffed(button, 0.04, softness=0.02))
    if look.shape == "bolster":
        for x in (0.17, 0.83):
            line = curve([(x, 0.375), (x + 0.012, 0.52), (x, 0.668)], closed=False)
            canvas.multiply(stroke(side, line, 0.01), 0.75)
    if orientation == "left":
        canvas.mirror()
    way = 1 if orientation == "right" else -1
    low = {"square cushion": 0.77, "lumbar cushion": 0.645, "round cushion": 0.74, "bolster": 0.63}
    reach = 0.16 if look.shape == "round cushion" else 0.25
    patch_label(canvas, look, 0.5 + way * reach, low[look.shape], 0.075)
    return laid_out(canvas.premultiplied(), view)


def _tassels(canvas: Canvas, look: Look) -> None:
    corners: Points = np.array(
        [(point[0], point[1]) for point in COVERS[look.shape] if len(point) > 2]
        or _EDGES[look.shape]
    )
    for corner in np.vstack([corners, np.array([1.0, 0.0]) + corners * np.array([-1.0, 1.0])]):
        out = (corner - 0.5) / np.hypot(*(corner - 0.5))
        across = np.array([-out[1], out[0]])
        root = corner - out * 0.015
        skirt = np.array(
            [root, root + out * 0.03 + across * 0.014, root + out * 0.085 + across * 0.022,
             root + out * 0.085 - across * 0.022, root + out * 0.03 - across * 0.014]
        )  # fmt: skip
        patch = fill(canvas.side, skirt)
        canvas.paint(patch, tones(look).accent, puffed(patch, 0.05, softness=0.02))
        knot_at = root + out * 0.025
        knot = fill(canvas.side, ellipse(float(knot_at[0]), float(knot_at[1]), 0.014, 0.014))
        canvas.paint(knot, darker(tones(look).accent, 0.2))


FAMILY: Final = Family(
    category="cushions",
    noun="cushion",
    shapes=tuple(COVERS),
    patterns=("checks", "plain", "diamonds", "stripes", "dots", "petals", "plaid", "chevrons"),
    spacings=(0.06, 0.08, 0.105),
    details=("plain", "piping", "tassels", "buttons"),
    tones=("mustard", "teal", "blush", "navy", "sage", "terracotta", "plum", "ivory", "forest"),
    brands=("Tamsin & Oak", "Maravo", "Norvela"),
    price=(15, 55),
    front=View(0, 0, 0),
    angle=View(32, 0, 4),
    draw=draw,
)
