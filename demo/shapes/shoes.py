"""Shoes from the side: sole, upper, toe cap, laces, and the brand's mark on the quarter."""

from typing import Final

import numpy as np

from demo.labels import ink_for, mark
from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import LEATHER, PAPER, Colour, darker, lighter
from demo.quad import laid_out
from demo.raster import Canvas, Plane, clipped, curve, ellipse, fill, stroke
from demo.shapes.family import Family, badge, seam, sew, stamp, tones

UPPERS: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "sneaker": (
        (0.115, 0.46), (0.12, 0.4), (0.15, 0.385), (0.2, 0.43), (0.28, 0.445), (0.35, 0.4, 1),
        (0.4, 0.39, 1), (0.52, 0.495), (0.66, 0.565), (0.8, 0.6), (0.89, 0.655), (0.9, 0.705, 1),
        (0.13, 0.705, 1), (0.115, 0.6),
    ),
    "high-top": (
        (0.15, 0.4), (0.15, 0.22, 1), (0.25, 0.235), (0.4, 0.21, 1), (0.43, 0.36), (0.54, 0.49),
        (0.68, 0.565), (0.8, 0.595), (0.885, 0.645), (0.9, 0.705, 1), (0.14, 0.705, 1),
        (0.14, 0.55),
    ),
    "ankle boot": (
        (0.17, 0.42), (0.185, 0.17, 1), (0.28, 0.18), (0.42, 0.165, 1), (0.425, 0.36), (0.49, 0.48),
        (0.64, 0.545), (0.79, 0.565), (0.88, 0.62), (0.895, 0.69, 1), (0.16, 0.69, 1),
        (0.155, 0.56),
    ),
    "loafer": (
        (0.12, 0.53), (0.125, 0.47), (0.16, 0.46), (0.27, 0.53), (0.42, 0.5, 1), (0.55, 0.5),
        (0.72, 0.565), (0.84, 0.605), (0.905, 0.66), (0.91, 0.7, 1), (0.13, 0.7, 1), (0.115, 0.62),
    ),
}  # fmt: skip
CUFFS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "sneaker": ((0.125, 0.4), (0.15, 0.388), (0.2, 0.432), (0.28, 0.447), (0.35, 0.402)),
    "high-top": ((0.15, 0.225), (0.25, 0.24), (0.4, 0.215)),
    "ankle boot": ((0.185, 0.175), (0.28, 0.185), (0.42, 0.17)),
    "loafer": ((0.125, 0.475), (0.16, 0.462), (0.27, 0.532), (0.42, 0.502)),
}

MARKS: Final[dict[str, tuple[float, float, float]]] = {
    "sneaker": (0.35, 0.575, 0.105),
    "high-top": (0.27, 0.38, 0.11),
    "ankle boot": (0.3, 0.56, 0.075),
    "loafer": (0.27, 0.62, 0.06),
}
"""Where the brand's mark sits and how large it is."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    sporty = look.shape in ("sneaker", "high-top")
    _far_collar(canvas, look)
    upper = fill(side, curve(UPPERS[look.shape]))
    _sole(canvas, look, sporty)
    sew(canvas, upper, look, "upper", depth=0.09, softness=0.07, creases=0.02, turn=14)
    trim = colours.accent if look.detail == "contrast trim" else darker(colours.main, 0.3)
    toe = clipped(fill(side, ellipse(0.9, 0.74, 0.15, 0.155)), upper)
    heel = clipped(fill(side, ellipse(0.09, 0.66, 0.12, 0.17)), upper)
    if sporty:
        canvas.paint(toe, lighter(colours.main, 0.8) if look.detail != "contrast trim" else trim,
                     0.96)  # fmt: skip
        canvas.paint(heel, trim, 0.96)
        _laces(canvas, look)
    elif look.shape == "ankle boot":
        panel = clipped(
            fill(side, curve([(0.27, 0.21), (0.34, 0.21), (0.36, 0.42), (0.25, 0.42)])), upper
        )
        canvas.paint(panel, trim, puffed(panel, 0.02, softness=0.02))
        canvas.paint(heel, trim, 0.96)
        seam(canvas, curve([(0.47, 0.475), (0.5, 0.6), (0.46, 0.69)], closed=False))
    else:
        apron = curve([(0.43, 0.515), (0.6, 0.545), (0.78, 0.605), (0.84, 0.64)], closed=False)
        seam(canvas, apron)
        strap = clipped(
            fill(side, curve([(0.46, 0.49, 1), (0.535, 0.495, 1), (0.475, 0.7, 1), (0.4, 0.7, 1)])),
            upper,
        )
        canvas.paint(strap, trim, 0.96)
    cuff = stroke(side, curve(CUFFS[look.shape], closed=False), 0.014)
    canvas.paint(cuff, trim, puffed(cuff, 0.03, softness=0.012))
    if look.detail == "pull tab":
        x, y = {"sneaker": (0.12, 0.4), "high-top": (0.15, 0.235), "ankle boot": (0.185, 0.19),
                "loafer": (0.12, 0.485)}[look.shape]  # fmt: skip
        loop = curve([(x, y + 0.03), (x - 0.035, y - 0.02), (x + 0.012, y - 0.035)], closed=False)
        canvas.paint(stroke(side, loop, 0.014), colours.accent)
    if orientation == "left":
        canvas.mirror()
    way = 1 if orientation == "right" else -1
    x, y, size = MARKS[look.shape]
    spot = 0.5 + way * (x - 0.5)
    if look.pattern == "plain":
        stamp(canvas, mark(look.brand, 128, ink_for(colours.main)), spot, y, size)
    else:
        badge(canvas, look, spot, y, size * 0.66)
    return laid_out(canvas.premultiplied(), view)


def _far_collar(canvas: Canvas, look: Look) -> None:
    line = np.array(CUFFS[look.shape])
    low, high = line.min(axis=0), line.max(axis=0)
    middle = (low + high) / 2
    inside = fill(
        canvas.side,
        ellipse(middle[0], line[:, 1].mean() - 0.005, (high[0] - low[0]) / 2, 0.03),
    )
    canvas.paint(inside, darker(tones(look).main, 0.5))


def _sole(canvas: Canvas, look: Look, sporty: bool) -> None:
    side = canvas.side
    if sporty:
        outline = [(0.115, 0.68, 1), (0.5, 0.69), (0.9, 0.675, 1), (0.915, 0.72), (0.89, 0.765),
                   (0.5, 0.775), (0.15, 0.775), (0.11, 0.745)]  # fmt: skip
        colour: Colour = PAPER
    else:
        heel = 0.8 if look.shape == "ankle boot" else 0.76
        outline = [(0.12, 0.68, 1), (0.9, 0.68, 1), (0.91, 0.715), (0.86, 0.745), (0.6, 0.742),
                   (0.4, 0.73, 1), (0.38, heel, 1), (0.14, heel, 1)]  # fmt: skip
        colour = darker(LEATHER, 0.55)
    patch = fill(side, curve(outline))
    canvas.paint(patch, colour, puffed(patch, 0.05, softness=0.025))
    if sporty:
        stripe = curve([(0.12, 0.745), (0.5, 0.752), (0.9, 0.742)], closed=False)
        canvas.paint(stroke(side, stripe, 0.009), tones(look).accent)


def _laces(canvas: Canvas, look: Look) -> None:
    rows = {
        "sneaker": ((0.375, 0.405), (0.545, 0.515), 4),
        "high-top": ((0.395, 0.25), (0.555, 0.51), 6),
    }
    (x0, y0), (x1, y1), count = rows[look.shape]
    for share in np.linspace(0.05, 1.0, count):
        x, y = x0 + (x1 - x0) * share**1.3, y0 + (y1 - y0) * share
        lace = [(x + 0.022, y - 0.004), (x - 0.048, y + 0.028)]
        canvas.multiply(stroke(canvas.side, np.array(lace) + 0.005, 0.013), 0.78)
        canvas.paint(stroke(canvas.side, lace, 0.012), lighter(tones(look).main, 0.88))


FAMILY: Final = Family(
    category="shoes",
    noun="shoe",
    shapes=tuple(UPPERS),
    patterns=("plain", "checks", "stripes", "speckles", "diamonds", "dots"),
    spacings=(0.035, 0.048, 0.064),
    details=("plain", "contrast trim", "pull tab"),
    tones=("navy", "cocoa", "coral", "forest", "charcoal", "mustard", "sky", "burgundy", "sand"),
    brands=("Quillon", "Fjella", "Harbrook", "Solunne"),
    price=(45, 150),
    front=View(0, 0, 0),
    angle=View(30, 0, 0),
    draw=draw,
)
