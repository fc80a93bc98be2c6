"""Vases: matt stoneware on the lathe, with an open neck and a maker's mark near the foot."""

from typing import Final

import numpy as np

from demo.labels import ink_for, mark
from demo.lathe import Lathe, diffuse, glazed, wrap_artwork
from demo.light import grain
from demo.model import Look, Orientation, View
from demo.palette import darker, lighter
from demo.patterns import weave
from demo.raster import Canvas, Plane
from demo.shapes.family import Family, chance, pattern_of, tones

PROFILES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "amphora vase": (
        (0.095, 0.14, 1), (0.075, 0.19), (0.08, 0.26), (0.17, 0.37), (0.2, 0.5), (0.16, 0.7),
        (0.1, 0.83), (0.11, 0.88, 1),
    ),
    "bottle vase": (
        (0.06, 0.13, 1), (0.045, 0.2), (0.045, 0.36), (0.08, 0.46), (0.18, 0.6), (0.195, 0.73),
        (0.15, 0.85), (0.12, 0.875, 1),
    ),
    "bowl vase": (
        (0.15, 0.34, 1), (0.17, 0.36), (0.245, 0.47), (0.265, 0.6), (0.22, 0.74), (0.13, 0.82, 1),
    ),
    "pillar vase": (
        (0.15, 0.16, 1), (0.142, 0.2), (0.138, 0.4), (0.142, 0.7), (0.15, 0.85), (0.145, 0.875, 1),
    ),
    "gourd vase": (
        (0.07, 0.14, 1), (0.06, 0.18), (0.115, 0.28), (0.125, 0.36), (0.085, 0.46), (0.16, 0.58),
        (0.205, 0.71), (0.16, 0.85), (0.12, 0.875, 1),
    ),
}  # fmt: skip


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    turn = view.turn if orientation == "right" else -view.turn
    body = Lathe.through(PROFILES[look.shape], view)
    seen = body.seen(side)
    u, v, footprint = seen.wrapped(turn)
    colour = np.array(weave(pattern_of(look), u, v, footprint))
    if look.detail == "bare foot":
        colour[seen.height > np.float32(body.bottom - 0.17)] = darker(colours.partner, 0.05)
    elif look.detail == "glazed neck":
        colour[seen.height < np.float32(body.top + 0.13)] = colours.accent
    shade = diffuse(seen) * grain(seen.patch, chance(look, "clay"), 0.03)
    canvas.paint(seen.patch, colour, shade, glazed(seen, 0.13))
    logo = mark(look.brand, 64, ink_for(colours.main))
    foot = body.bottom - 0.1
    wrap_artwork(
        canvas, seen, logo, top=foot - 0.028, bottom=foot + 0.028, width=0.056, turn=turn,
        shade=shade,
    )  # fmt: skip
    radius = float(body.profile[0, 0])
    canvas.paint(body.rim(side, body.top, radius), lighter(colours.main, 0.3))
    hollow = body.rim(side, body.top + 0.003, radius * 0.86)
    x, _ = hollow.grid()
    depth = 0.55 + 0.5 * (x - np.float32(0.5 - radius)) / np.float32(2 * radius)
    canvas.paint(hollow, darker(colours.main, 0.6), np.broadcast_to(depth, hollow.coverage.shape))
    return canvas.premultiplied()


FAMILY: Final = Family(
    category="vases",
    noun="vase",
    shapes=tuple(PROFILES),
    patterns=("plain", "stripes", "speckles", "diamonds", "waves", "chevrons"),
    spacings=(0.045, 0.065, 0.09),
    details=("plain", "bare foot", "glazed neck"),
    tones=("terracotta", "ivory", "teal", "blush", "charcoal", "sage", "denim", "sand", "burgundy"),
    brands=("Norvela", "Maravo", "Bexley Finch"),
    price=(18, 75),
    front=View(0, 10),
    angle=View(40, 24),
    draw=draw,
)
