"""Shirts and tops laid flat: body, sleeves, an open neck, and what is sewn on."""

from typing import Final

import numpy as np

from demo.labels import ink_for, mark
from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import Colour, darker, lighter
from demo.quad import laid_out
from demo.raster import Canvas, Plane, Points, curve, ellipse, fill, rounded, stroke, symmetric
from demo.shapes.family import Family, patch_label, seam, sew, stamp, tones

BODIES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "t-shirt": (
        (0.5, 0.235), (0.555, 0.215), (0.6, 0.148, 1), (0.7, 0.185), (0.745, 0.28),
        (0.712, 0.37, 1),
        (0.7, 0.6), (0.708, 0.865, 1), (0.5, 0.875),
    ),
    "polo shirt": (
        (0.5, 0.25), (0.55, 0.2), (0.59, 0.15, 1), (0.7, 0.19), (0.742, 0.28), (0.708, 0.37, 1),
        (0.695, 0.6), (0.702, 0.865, 1), (0.5, 0.872),
    ),
    "sweatshirt": (
        (0.5, 0.215), (0.55, 0.2), (0.585, 0.155, 1), (0.69, 0.19), (0.735, 0.3), (0.706, 0.4, 1),
        (0.71, 0.7), (0.695, 0.86, 1), (0.5, 0.865),
    ),
    "tank top": (
        (0.5, 0.32), (0.565, 0.27), (0.585, 0.145, 1), (0.635, 0.15, 1), (0.64, 0.27),
        (0.685, 0.37, 1),
        (0.68, 0.6), (0.69, 0.865, 1), (0.5, 0.875),
    ),
}  # fmt: skip
SLEEVES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "t-shirt": (
        (0.66, 0.168, 1), (0.73, 0.205), (0.865, 0.4, 1), (0.765, 0.452, 1), (0.7, 0.35, 1),
    ),
    "polo shirt": (
        (0.655, 0.172, 1), (0.73, 0.21), (0.858, 0.4, 1), (0.762, 0.45, 1), (0.7, 0.36, 1),
    ),
    "sweatshirt": (
        (0.65, 0.172, 1), (0.735, 0.215), (0.81, 0.42), (0.868, 0.78, 1), (0.775, 0.8, 1),
        (0.735, 0.55), (0.69, 0.38, 1),
    ),
}  # fmt: skip


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    trim = colours.accent if look.detail == "contrast trim" else darker(colours.main, 0.12)
    _back_of_neck(canvas, look, trim)
    if look.shape in SLEEVES:
        for right in (True, False):
            _sleeve(canvas, look, right, trim)
    body = fill(side, symmetric(BODIES[look.shape]))
    sew(canvas, body, look, "body", depth=0.045, softness=0.045, creases=0.055)
    if look.shape in SLEEVES:
        for right in (True, False):
            line = curve([(0.66, 0.17), (0.715, 0.26), (0.705, 0.37)], closed=False)
            seam(canvas, line if right else _flipped(line))
    seam(canvas, [(0.3, 0.845), (0.5, 0.853), (0.7, 0.845)])
    _neckline(canvas, look, trim)
    if look.detail == "chest pocket":
        pocket = fill(side, rounded(0.535, 0.36, 0.64, 0.475, 0.02))
        canvas.multiply(fill(side, rounded(0.533, 0.362, 0.644, 0.481, 0.022)), 0.88)
        sew(canvas, pocket, look, "pocket", depth=0.015, softness=0.02, creases=0.02)
        seam(canvas, [(0.537, 0.385), (0.638, 0.385)])
    if orientation == "left":
        canvas.mirror()
    way = 1 if orientation == "right" else -1
    if look.detail == "large print":
        stamp(canvas, mark(look.brand, 260, ink_for(colours.main)), 0.5, 0.48, 0.23)
    elif look.pattern == "plain" and look.detail != "chest pocket":
        stamp(canvas, mark(look.brand, 96, ink_for(colours.main)), 0.5 + 0.1 * way, 0.37, 0.062)
    else:
        patch_label(canvas, look, 0.5 - 0.125 * way, 0.8, 0.085)
    return laid_out(canvas.premultiplied(), View(view.turn, view.tilt, view.roll))


def _back_of_neck(canvas: Canvas, look: Look, trim: Colour) -> None:
    """The inside of the back, seen through the neck opening."""
    low = {"tank top": 0.34, "polo shirt": 0.27}.get(look.shape, 0.25)
    inside = curve(
        [(0.4, 0.15, 1), (0.5, 0.172), (0.6, 0.15, 1), (0.585, 0.25), (0.5, low), (0.415, 0.25)]
    )
    patch = fill(canvas.side, inside)
    canvas.paint(patch, darker(tones(look).main, 0.42), puffed(patch, 0.03, softness=0.03))
    rib = stroke(
        canvas.side, curve([(0.405, 0.154), (0.5, 0.176), (0.595, 0.154)], closed=False), 0.016
    )
    canvas.paint(rib, darker(trim, 0.2))


def _sleeve(canvas: Canvas, look: Look, right: bool, trim: Colour) -> None:
    outline = curve(SLEEVES[look.shape])
    long = look.shape == "sweatshirt"
    cuff = np.array(
        [(0.868, 0.775), (0.775, 0.797), (0.78, 0.835), (0.866, 0.815)] if long
        else [(0.865, 0.4), (0.765, 0.452), (0.757, 0.437), (0.856, 0.386)]
    )  # fmt: skip
    if not right:
        outline, cuff = _flipped(outline), _flipped(cuff)
    patch = fill(canvas.side, outline)
    slant = (38.0 if not long else 14.0) * (1 if right else -1)
    sew(canvas, patch, look, f"sleeve {right}", depth=0.045, softness=0.04, turn=-slant)
    end = fill(canvas.side, cuff)
    canvas.paint(end, trim, puffed(end, 0.03, softness=0.02))


def _neckline(canvas: Canvas, look: Look, trim: Colour) -> None:
    side = canvas.side
    if look.shape == "polo shirt":
        placket = fill(side, rounded(0.472, 0.22, 0.528, 0.4, 0.006))
        canvas.paint(placket, trim, puffed(placket, 0.015, softness=0.02))
        for y in (0.275, 0.32, 0.365):
            canvas.multiply(fill(side, ellipse(0.502, y + 0.003, 0.009, 0.009)), 0.7)
            canvas.paint(fill(side, ellipse(0.5, y, 0.0085, 0.0085)), lighter(trim, 0.75))
        for right in (True, False):
            wing = curve(
                [
                    (0.592, 0.142, 1),
                    (0.55, 0.155),
                    (0.5, 0.235, 1),
                    (0.548, 0.292, 1),
                    (0.612, 0.168, 1),
                ]
            )
            patch = fill(side, wing if right else _flipped(wing))
            canvas.multiply(fill(side, (wing if right else _flipped(wing)) + 0.006), 0.86)
            canvas.paint(patch, trim, puffed(patch, 0.03, softness=0.02))
        return
    halves = {
        "t-shirt": [(0.6, 0.15), (0.558, 0.215), (0.5, 0.238)],
        "sweatshirt": [(0.585, 0.157), (0.552, 0.2), (0.5, 0.218)],
        "tank top": [(0.59, 0.15), (0.57, 0.268), (0.5, 0.322)],
    }[look.shape]
    rib = curve([*halves, *((1 - x, y) for x, y in reversed(halves[:-1]))], closed=False)
    width = 0.026 if look.shape == "sweatshirt" else 0.017
    patch = stroke(side, rib, width)
    canvas.paint(patch, trim, puffed(patch, 0.03, softness=0.015))
    if look.shape == "tank top":
        for right in (True, False):
            hole = curve([(0.632, 0.15), (0.638, 0.27), (0.683, 0.37)], closed=False)
            edge = stroke(side, hole if right else _flipped(hole), 0.014)
            canvas.paint(edge, trim, puffed(edge, 0.03, softness=0.015))
    if look.shape == "sweatshirt":
        hem = fill(side, rounded(0.302, 0.832, 0.698, 0.876, 0.01))
        canvas.paint(hem, trim, puffed(hem, 0.03, softness=0.02))


def _flipped(points: Points) -> Points:
    turned: Points = np.array([1.0, 0.0]) + points * np.array([-1.0, 1.0])
    return turned


FAMILY: Final = Family(
    category="shirts",
    noun="shirt",
    shapes=("t-shirt", "polo shirt", "sweatshirt", "tank top"),
    patterns=("stripes", "plain", "plaid", "chevrons", "dots", "petals", "checks"),
    spacings=(0.045, 0.06, 0.08),
    details=("plain", "chest pocket", "contrast trim", "large print"),
    tones=("navy", "coral", "sage", "ivory", "burgundy", "sky", "mustard", "charcoal", "lilac"),
    brands=("Quillon", "Fjella", "Bexley Finch", "Harbrook"),
    price=(19, 65),
    front=View(0, 0, 0),
    angle=View(16, 10, -9),
    draw=draw,
    lies=True,
)
