"""Bags from the front: body, handles or straps, flap, pocket, hardware."""

from typing import Final

import numpy as np

from demo.labels import emblem, ink_for
from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import BRASS, LEATHER, darker
from demo.quad import laid_out
from demo.raster import Canvas, Plane, Points, curve, ellipse, fill, rounded, stroke, symmetric
from demo.shapes.family import Family, patch_label, seam, sew, stamp, tones

BODIES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "tote bag": (
        (0.5, 0.36), (0.76, 0.355, 1), (0.765, 0.6), (0.745, 0.875), (0.72, 0.885, 1), (0.5, 0.89),
    ),
    "backpack": (
        (0.5, 0.2), (0.62, 0.215), (0.705, 0.29), (0.74, 0.42), (0.755, 0.7), (0.74, 0.84),
        (0.68, 0.885), (0.5, 0.89),
    ),
    "satchel": (
        (0.5, 0.42), (0.82, 0.42, 1), (0.85, 0.62), (0.845, 0.79), (0.8, 0.83), (0.5, 0.835),
    ),
    "bucket bag": (
        (0.5, 0.37), (0.7, 0.365, 1), (0.73, 0.55), (0.765, 0.8), (0.745, 0.87), (0.68, 0.885),
        (0.5, 0.89),
    ),
}  # fmt: skip


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    _behind(canvas, look)
    body = fill(side, symmetric(BODIES[look.shape]))
    sew(canvas, body, look, "body", depth=0.09, softness=0.07, creases=0.05)
    details = {"tote bag": _tote, "backpack": _backpack, "satchel": _satchel, "bucket bag": _bucket}
    details[look.shape](canvas, look)
    if look.detail == "charm":
        _charm(canvas, look)
    if orientation == "left":
        canvas.mirror()
    _brand(canvas, look)
    return laid_out(canvas.premultiplied(), view)


def _strap(canvas: Canvas, line: Points, width: float, look: Look) -> None:
    patch = stroke(canvas.side, line, width)
    colour = LEATHER if look.detail == "leather trim" else darker(tones(look).main, 0.3)
    canvas.paint(patch, colour, puffed(patch, 0.03, softness=0.014))


def _behind(canvas: Canvas, look: Look) -> None:
    arches = {
        "tote bag": [(0.39, 0.4), (0.4, 0.22), (0.5, 0.115), (0.6, 0.22), (0.61, 0.4)],
        "backpack": [(0.44, 0.24), (0.45, 0.14), (0.5, 0.115), (0.55, 0.14), (0.56, 0.24)],
        "satchel": [(0.24, 0.45), (0.29, 0.25), (0.5, 0.155), (0.71, 0.25), (0.76, 0.45)],
        "bucket bag": [(0.31, 0.42), (0.33, 0.2), (0.5, 0.1), (0.67, 0.2), (0.69, 0.42)],
    }
    _strap(canvas, curve(arches[look.shape], closed=False), 0.026, look)
    if look.shape in ("tote bag", "bucket bag"):
        width = 0.245 if look.shape == "tote bag" else 0.19
        mouth = fill(canvas.side, ellipse(0.5, 0.362, width, 0.024))
        canvas.paint(mouth, darker(tones(look).main, 0.5))


def _tote(canvas: Canvas, look: Look) -> None:
    front = curve(
        [(0.36, 0.44), (0.37, 0.25), (0.5, 0.145), (0.63, 0.25), (0.64, 0.44)], closed=False
    )
    _strap(canvas, front, 0.028, look)
    seam(canvas, [(0.245, 0.395), (0.755, 0.395)])
    if look.detail == "front pocket":
        _pocket(canvas, look, (0.35, 0.6, 0.65, 0.8))


def _backpack(canvas: Canvas, look: Look) -> None:
    side = canvas.side
    for way in (-1, 1):
        patch = fill(
            side, rounded(0.5 + way * 0.26 - 0.032, 0.6, 0.5 + way * 0.26 + 0.032, 0.83, 0.03)
        )
        sew(canvas, patch, look, "side", colour=darker(tones(look).main, 0.15), depth=0.05)
    _pocket(canvas, look, (0.325, 0.575, 0.675, 0.845))
    zip_line = curve(
        [(0.29, 0.5), (0.33, 0.31), (0.5, 0.255), (0.67, 0.31), (0.71, 0.5)], closed=False
    )
    canvas.paint(stroke(side, zip_line, 0.012), darker(tones(look).main, 0.5))
    canvas.paint(stroke(side, [(0.69, 0.43), (0.7, 0.485)], 0.012), BRASS)
    if look.detail == "front pocket":
        seam(canvas, [(0.34, 0.64), (0.66, 0.64)])


def _satchel(canvas: Canvas, look: Look) -> None:
    flap = symmetric(
        [(0.5, 0.4), (0.8, 0.4), (0.835, 0.44), (0.82, 0.6), (0.76, 0.655), (0.5, 0.67)]
    )
    canvas.multiply(fill(canvas.side, flap + np.array([0.0, 0.014])), 0.72)
    sew(canvas, fill(canvas.side, flap), look, "flap", depth=0.05, softness=0.05, creases=0.03)
    for x in (0.32, 0.68):
        _strap(canvas, np.array([(x, 0.48), (x, 0.73)]), 0.04, look)
        buckle = fill(
            canvas.side,
            rounded(x - 0.032, 0.665, x + 0.032, 0.715, 0.008),
            holes=[rounded(x - 0.02, 0.677, x + 0.02, 0.703, 0.004)],
        )
        canvas.paint(buckle, BRASS, puffed(buckle, 0.03, softness=0.01))
    if look.detail == "front pocket":
        seam(canvas, [(0.42, 0.76), (0.58, 0.76)])
        seam(canvas, [(0.42, 0.7), (0.42, 0.8)])
        seam(canvas, [(0.58, 0.7), (0.58, 0.8)])


def _bucket(canvas: Canvas, look: Look) -> None:
    side = canvas.side
    cord = curve([(0.29, 0.47), (0.5, 0.49), (0.71, 0.47)], closed=False)
    canvas.multiply(stroke(side, cord + 0.006, 0.016), 0.75)
    _strap(canvas, cord, 0.014, look)
    for x, tip in ((0.475, 0.44), (0.525, 0.56)):
        _strap(canvas, curve([(0.5, 0.49), (x, 0.54), (tip, 0.6)], closed=False), 0.011, look)
        canvas.paint(fill(side, ellipse(tip, 0.605, 0.014, 0.018)), BRASS)
    base = fill(side, rounded(0.245, 0.79, 0.755, 0.886, 0.05))
    if look.detail == "leather trim":
        sew(canvas, base, look, "base", colour=LEATHER, depth=0.06)
    if look.detail == "front pocket":
        _pocket(canvas, look, (0.37, 0.66, 0.63, 0.83))


def _pocket(canvas: Canvas, look: Look, box: tuple[float, float, float, float]) -> None:
    outline = rounded(*box, 0.035)
    canvas.multiply(fill(canvas.side, outline + np.array([0.004, 0.008])), 0.76)
    sew(
        canvas, fill(canvas.side, outline), look, "pocket", depth=0.045, softness=0.04, creases=0.03
    )
    seam(canvas, [(box[0] + 0.01, box[1] + 0.03), (box[2] - 0.01, box[1] + 0.03)])


def _charm(canvas: Canvas, look: Look) -> None:
    canvas.paint(stroke(canvas.side, [(0.665, 0.42), (0.69, 0.52)], 0.006), BRASS)
    ball = fill(canvas.side, ellipse(0.693, 0.555, 0.038, 0.038))
    canvas.paint(ball, tones(look).accent, puffed(ball, 0.12, softness=0.05))


def _brand(canvas: Canvas, look: Look) -> None:
    ground = tones(look).main
    if look.shape == "tote bag" and look.pattern == "plain" and look.detail != "front pocket":
        stamp(canvas, emblem(look.brand, 260, ink_for(ground)), 0.5, 0.63, 0.24)
        return
    spots = {
        "tote bag": (0.5, 0.47),
        "backpack": (0.5, 0.42),
        "satchel": (0.5, 0.55),
        "bucket bag": (0.5, 0.425),
    }
    x, y = spots[look.shape]
    patch_label(canvas, look, x, y, 0.11)


FAMILY: Final = Family(
    category="bags",
    noun="bag",
    shapes=tuple(BODIES),
    patterns=("plain", "plaid", "stripes", "petals", "diamonds", "dots", "waves"),
    spacings=(0.055, 0.075, 0.095),
    details=("plain", "leather trim", "front pocket", "charm"),
    tones=("forest", "sand", "navy", "coral", "plum", "mustard", "stone", "teal", "burgundy"),
    brands=("Bexley Finch", "Harbrook", "Quillon", "Tamsin & Oak"),
    price=(29, 180),
    front=View(0, 0, 0),
    angle=View(30, 0, 2),
    draw=draw,
)
