"""Mugs: a glazed body on the lathe, a handle beside it, the brand's emblem on its front."""

from typing import Final

import numpy as np

from demo.labels import emblem, ink_for, mark
from demo.lathe import Lathe, Turned, diffuse, glazed, wrap_artwork
from demo.light import puffed
from demo.model import Look, Orientation, View
from demo.palette import Colour, darker, lighter
from demo.patterns import weave
from demo.raster import Canvas, Plane, curve, ellipse, fill, stroke
from demo.shapes.family import Family, pattern_of, tones

PROFILES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "classic mug": ((0.215, 0.27, 1), (0.215, 0.6), (0.21, 0.7), (0.185, 0.745), (0.16, 0.755, 1)),
    "latte mug": ((0.185, 0.2, 1), (0.176, 0.45), (0.165, 0.7), (0.15, 0.78), (0.12, 0.79, 1)),
    "round mug": (
        (0.19, 0.3, 1),
        (0.215, 0.4),
        (0.232, 0.52),
        (0.215, 0.65),
        (0.17, 0.73),
        (0.13, 0.745, 1),
    ),
    "camp mug": ((0.225, 0.31, 1), (0.222, 0.33), (0.215, 0.5), (0.208, 0.72), (0.2, 0.735, 1)),
}
HANDLES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "classic mug": ((0.19, 0.36), (0.29, 0.36), (0.34, 0.46), (0.31, 0.58), (0.19, 0.63)),
    "latte mug": ((0.16, 0.32), (0.26, 0.31), (0.3, 0.42), (0.27, 0.56), (0.15, 0.62)),
    "round mug": ((0.2, 0.4), (0.3, 0.38), (0.345, 0.47), (0.31, 0.58), (0.2, 0.62)),
    "camp mug": ((0.2, 0.38), (0.31, 0.37), (0.325, 0.5), (0.3, 0.62), (0.19, 0.63)),
}


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    way = 1.0 if orientation == "right" else -1.0
    centre = 0.5 - 0.055 * way
    body = Lathe.through(PROFILES[look.shape], view, centre)
    _handle(canvas, body, look, way)
    seen = body.seen(side)
    u, v, footprint = seen.wrapped(view.turn)
    colour = np.array(weave(pattern_of(look), u, v, footprint))
    if look.detail == "dipped":
        dip = np.clip((seen.height - np.float32(0.63)) * side + 0.5, 0, 1)[..., None]
        colour = colour + (np.array(colours.accent, np.float32) - colour) * dip
    shade, gloss = diffuse(seen), glazed(seen, 0.34)
    canvas.paint(seen.patch, colour, shade, gloss)
    _emblem(canvas, body, seen, look)
    _mouth(canvas, body, look)
    return canvas.premultiplied()


def _handle(canvas: Canvas, body: Lathe, look: Look, way: float) -> None:
    reach = np.cos(np.radians(body.view.turn * 0.8))
    points = [
        (body.centre + way * (0.12 + (x - 0.12) * reach), body.row(y))
        for x, y in HANDLES[look.shape]
    ]
    line = curve(points, closed=False)
    thickness = 0.028 if look.shape == "camp mug" else 0.046
    patch = stroke(canvas.side, line, thickness)
    canvas.paint(patch, tones(look).main, puffed(patch, 0.05, softness=0.02, edge=0.3))
    glint = stroke(canvas.side, line - 0.008, 0.006)
    canvas.multiply(glint, 1.16)


def _emblem(canvas: Canvas, body: Lathe, seen: Turned, look: Look) -> None:
    ground = tones(look).main
    middle = (body.top + body.bottom) / 2
    shade = diffuse(seen)
    if look.pattern == "plain":
        artwork, half = emblem(look.brand, 220, ink_for(ground)), 0.095
    else:
        paper = lighter(ground, 0.9)
        ink = darker(ground, 0.62)
        disc = _disc(paper, ink, mark(look.brand, 124, ink))
        artwork, half = disc, 0.075
    wrap_artwork(
        canvas, seen, artwork, top=middle - half, bottom=middle + half, width=2 * half,
        turn=body.view.turn, shade=shade, gloss=glazed(seen, 0.2),
    )  # fmt: skip


def _disc(paper: Colour, ink: Colour, logo: Plane) -> Plane:
    size = 200
    sheet = np.zeros((size, size, 4), np.float32)
    sheet[..., :3] = paper
    round_patch = fill(size, ellipse(0.5, 0.5, 0.49, 0.49))
    sheet[round_patch.rows, round_patch.columns, 3] = round_patch.coverage
    ring = fill(size, ellipse(0.5, 0.5, 0.5, 0.5), holes=[ellipse(0.5, 0.5, 0.445, 0.445)])
    rim = sheet[ring.rows, ring.columns]
    rim[..., :3] += (np.array(ink, np.float32) - rim[..., :3]) * ring.coverage[..., None]
    start = (size - logo.shape[0]) // 2
    window = sheet[start : start + logo.shape[0], start : start + logo.shape[1]]
    stencil = logo[..., 3:]
    window[..., :3] = window[..., :3] * (1 - stencil) + logo[..., :3] * stencil
    return sheet


def _mouth(canvas: Canvas, body: Lathe, look: Look) -> None:
    colours = tones(look)
    radius = float(body.profile[0, 0])
    lip = colours.accent if look.detail == "rim line" else lighter(colours.main, 0.25)
    canvas.paint(body.rim(canvas.side, body.top, radius), lip)
    inside = body.rim(canvas.side, body.top + 0.002, radius * 0.93)
    glaze = lighter(colours.partner if look.detail == "dipped" else colours.main, 0.55)
    x, y = inside.grid()
    across = (x - np.float32(body.centre)) / np.float32(radius)
    down = (y - np.float32(body.row(body.top))) / np.float32(max(radius * body.dip, 0.02))
    shade = 0.66 + 0.16 * across + 0.12 * down
    canvas.paint(inside, glaze, np.broadcast_to(shade, inside.coverage.shape))


FAMILY: Final = Family(
    category="mugs",
    noun="mug",
    shapes=tuple(PROFILES),
    patterns=("plain", "stripes", "dots", "chevrons", "petals", "waves", "speckles"),
    spacings=(0.05, 0.065, 0.085),
    details=("plain", "rim line", "dipped"),
    tones=("sage", "navy", "terracotta", "ivory", "mustard", "teal", "blush", "charcoal", "sky"),
    brands=("Norvela", "Tamsin & Oak", "Maravo", "Solunne"),
    price=(9, 24),
    front=View(0, 14),
    angle=View(34, 26),
    draw=draw,
)
