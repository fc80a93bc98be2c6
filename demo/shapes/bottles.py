"""Bottles: glazed or glass bodies with a wrapped label, a closure, and a detail at the neck."""

from typing import Final

import numpy as np

from demo.lathe import Lathe, diffuse, glazed, wrap_artwork
from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import INK, OAK, Colour, darker, lighter
from demo.patterns import weave
from demo.raster import Canvas, Plane, fill, rounded, stroke
from demo.shapes.family import Family, pattern_of, printed_label, tones

PROFILES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "tall bottle": (
        (0.045, 0.16, 1), (0.045, 0.27), (0.06, 0.33), (0.115, 0.42), (0.125, 0.5), (0.125, 0.87),
        (0.118, 0.895), (0.1, 0.9, 1),
    ),
    "apothecary bottle": (
        (0.055, 0.21, 1), (0.055, 0.26), (0.075, 0.295), (0.15, 0.335), (0.168, 0.38),
        (0.168, 0.85), (0.16, 0.885), (0.14, 0.895, 1),
    ),
    "round flask": (
        (0.045, 0.17, 1), (0.045, 0.3), (0.06, 0.36), (0.16, 0.47), (0.205, 0.62), (0.195, 0.78),
        (0.15, 0.88), (0.11, 0.895, 1),
    ),
    "tapered bottle": (
        (0.05, 0.17, 1), (0.05, 0.22), (0.075, 0.3), (0.105, 0.45), (0.15, 0.75), (0.158, 0.86),
        (0.15, 0.892), (0.13, 0.9, 1),
    ),
}  # fmt: skip
LABELS: Final[dict[str, tuple[float, float, float]]] = {
    "tall bottle": (0.5, 0.8, 0.235),
    "apothecary bottle": (0.45, 0.79, 0.29),
    "round flask": (0.52, 0.8, 0.29),
    "tapered bottle": (0.52, 0.82, 0.245),
}
"""Top, bottom and width of the label on each shape."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    turn = view.turn if orientation == "right" else -view.turn
    body = Lathe.through(PROFILES[look.shape], view)
    seen = body.seen(side)
    u, v, footprint = seen.wrapped(turn)
    shade, gloss = diffuse(seen), glazed(seen, 0.42)
    canvas.paint(seen.patch, weave(pattern_of(look, quiet=True), u, v, footprint), shade, gloss)
    top, bottom, width = LABELS[look.shape]
    artwork = printed_label(look, width, bottom - top, side, pale=True)
    wrap_artwork(
        canvas, seen, artwork, top=top, bottom=bottom, width=width, turn=turn,
        shade=0.12 + 0.88 * shade, gloss=0.25 * gloss,
    )  # fmt: skip
    closure(canvas, look, body, look.shape)
    neck_detail(canvas, look, body)
    return canvas.premultiplied()


def closure(canvas: Canvas, look: Look, body: Lathe, shape: str) -> None:
    """Cork, pump, ball stopper or screw cap, as the shape has it."""
    radius = float(body.profile[0, 0])
    if shape == "apothecary bottle":
        _turned(canvas, body, ((radius * 1.1, 0.175, 1), (radius * 1.1, 0.215, 1)), INK, 0.5)
        _turned(canvas, body, ((0.014, 0.115, 1), (0.014, 0.175, 1)), INK, 0.3)
        spout = rounded(0.5 - 0.11, body.row(0.092), 0.5 + 0.032, body.row(0.122), 0.014)
        patch = fill(canvas.side, spout)
        canvas.paint(patch, lighter(INK, 0.08), puffed(patch, 0.05, softness=0.02))
    elif shape == "round flask":
        ball = ((0.012, 0.095, 1), (0.042, 0.11), (0.05, 0.14), (0.038, 0.17), (0.03, 0.178, 1))
        _turned(canvas, body, ball, tones(look).accent, 0.5)
    elif shape == "tall bottle":
        _turned(canvas, body, ((radius * 0.85, 0.12, 1), (radius * 0.8, 0.165, 1)), OAK, 0.02)
    else:
        cap = ((radius * 1.1, 0.115, 1), (radius * 1.12, 0.13), (radius * 1.12, 0.18, 1))
        _turned(canvas, body, cap, darker(tones(look).main, 0.55), 0.35)


def neck_detail(canvas: Canvas, look: Look, body: Lathe) -> None:
    """What the packaging adds: nothing, a ribbon, a paper seal or a hanging tag."""
    colours = tones(look)
    level = 0.245 if look.shape in ("tall bottle", "round flask") else 0.238
    radius = float(np.interp(level, body.profile[:, 1], body.profile[:, 0])) + 0.006
    y = body.row(level)
    if look.detail == "ribbon":
        band = ((radius, level - 0.014, 1), (radius, level + 0.014, 1))
        _turned(canvas, body, band, colours.accent, 0.1)
        for way in (-1, 1):
            loop = np.array(
                [(0.5, y), (0.5 + way * 0.05, y - 0.03), (0.5 + way * 0.085, y - 0.008),
                 (0.5 + way * 0.05, y + 0.016)]
            )  # fmt: skip
            tail = np.array(
                [(0.5, y), (0.5 + way * 0.04, y + 0.075), (0.5 + way * 0.014, y + 0.08)]
            )
            for part in (tail, loop):
                patch = fill(canvas.side, part)
                canvas.paint(patch, colours.accent, puffed(patch, 0.05, softness=0.02))
    elif look.detail == "seal":
        band = ((radius, level - 0.03, 1), (radius, level + 0.03, 1))
        _turned(canvas, body, band, darker(colours.partner, 0.1), 0.05)
    elif look.detail == "hang tag":
        canvas.paint(stroke(canvas.side, [(0.5, y), (0.585, y + 0.08)], 0.005), INK)
        tag = np.array(
            [(0.575, y + 0.065), (0.625, y + 0.07), (0.655, y + 0.165), (0.58, y + 0.18),
             (0.555, y + 0.085)]
        )  # fmt: skip
        canvas.multiply(fill(canvas.side, tag + 0.006), 0.75)
        canvas.paint(fill(canvas.side, tag), lighter(OAK, 0.35))


def _turned(
    canvas: Canvas,
    body: Lathe,
    profile: tuple[tuple[float, ...], ...],
    colour: Colour,
    gloss: float,
) -> None:
    part = Lathe.through(profile, body.view, body.centre)
    seen = part.seen(canvas.side)
    canvas.paint(seen.patch, colour, diffuse(seen), glazed(seen, gloss))
    top = part.rim(canvas.side, part.top, float(part.profile[0, 0]))
    canvas.paint(top, lighter(colour, 0.22))


FAMILY: Final = Family(
    category="bottles",
    noun="bottle",
    shapes=tuple(PROFILES),
    patterns=("plain", "stripes", "dots", "waves", "diamonds"),
    spacings=(0.035, 0.05, 0.07),
    details=("plain", "ribbon", "seal", "hang tag"),
    tones=("forest", "terracotta", "navy", "sage", "blush", "mustard", "teal", "plum", "charcoal"),
    brands=("Maravo", "Fjella", "Bexley Finch", "Harbrook", "Tamsin & Oak"),
    price=(8, 36),
    front=View(0, 8),
    angle=View(30, 20),
    draw=draw,
    contents=("olive", "lemon", "lavender", "rose"),
    sizes=("250 ml", "500 ml", "750 ml", "1 litre"),
)
