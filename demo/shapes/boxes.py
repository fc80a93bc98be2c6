"""Boxes: printed cartons in true perspective, with a label panel and what the gift wrap adds."""

from typing import Final

import numpy as np

from demo.labels import emblem, ink_for
from demo.light import lambert
from demo.model import Look, Orientation, View
from demo.palette import PAPER, darker, lighter
from demo.patterns import Pattern, weave
from demo.quad import Face, face, normals, print_on, project
from demo.raster import Canvas, Plane
from demo.shapes.family import Family, pattern_of, printed_label, tones

SIZES: Final[dict[str, tuple[float, float, float]]] = {
    "tall carton": (0.36, 0.56, 0.2),
    "gift cube": (0.44, 0.44, 0.44),
    "flat box": (0.56, 0.4, 0.14),
    "slim carton": (0.27, 0.6, 0.22),
}
"""Width, height and depth."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    way = 1 if orientation == "right" else -1
    seen_from = View(view.turn * way, view.tilt, view.roll)
    width, height, depth = (size / 2 for size in SIZES[look.shape])
    corners = {
        "front": [(-width, -height, depth), (width, -height, depth), (width, height, depth),
                  (-width, height, depth)],
        "right": [(width, -height, depth), (width, -height, -depth), (width, height, -depth),
                  (width, height, depth)],
        "left": [(-width, -height, -depth), (-width, -height, depth), (-width, height, depth),
                 (-width, height, -depth)],
        "top": [(-width, -height, -depth), (width, -height, -depth), (width, -height, depth),
                (-width, -height, depth)],
    }  # fmt: skip
    outward = {"front": (0, 0, 1), "right": (1, 0, 0), "left": (-1, 0, 0), "top": (0, -1, 0)}
    for name in ("top", "left", "right", "front"):
        seen = face(side, project(corners[name], seen_from))
        if not _visible(corners[name], seen_from):
            continue
        normal = normals([outward[name]], seen_from)[0].astype(np.float32)
        light = 0.26 + 0.74 * float(lambert(*(np.array(part) for part in normal)))
        size = {"front": (width, height), "top": (width, depth)}.get(name, (depth, height))
        _cover(canvas, look, seen, name, (2 * size[0], 2 * size[1]), light)
    return canvas.premultiplied()


def _visible(corners: list[tuple[float, float, float]], view: View) -> bool:
    quad = project(corners, view)
    ahead, behind = quad[1] - quad[0], quad[2] - quad[1]
    return float(ahead[0] * behind[1] - ahead[1] * behind[0]) > 1e-4


def _cover(
    canvas: Canvas, look: Look, seen: Face, name: str, size: tuple[float, float], light: float
) -> None:
    colours = tones(look)
    wide, tall = size
    pattern = pattern_of(look)
    shade = light * (1.03 - 0.1 * seen.down) * (1.0 - 0.05 * seen.across)
    if name == "top":
        canvas.paint(seen.patch, lighter(colours.main, 0.1), shade)
    else:
        canvas.paint(seen.patch, _print(pattern, seen, wide, tall), shade)
    if name == "front":
        artwork = printed_label(look, wide * 0.76, tall * 0.72, canvas.side, pale=True)
        print_on(canvas, seen, artwork, shade, box=(0.12, 0.12, 0.88, 0.84))
    elif name in ("left", "right"):
        artwork = emblem(look.brand, 180, ink_for(colours.main))
        half = 0.36 * wide / tall
        if look.pattern == "plain":
            print_on(canvas, seen, artwork, shade, box=(0.14, 0.5 - half, 0.86, 0.5 + half))
    _wrap(canvas, look, seen, name, shade, wide / tall)


def _print(pattern: Pattern, seen: Face, wide: float, tall: float) -> Plane:
    u = (seen.across - np.float32(0.5)) * np.float32(wide)
    v = (seen.down - np.float32(0.5)) * np.float32(tall)
    return weave(pattern, u, v, 1.1 / seen.patch.side)


def _wrap(canvas: Canvas, look: Look, seen: Face, name: str, shade: Plane, aspect: float) -> None:
    colours = tones(look)
    side = seen.patch.side
    if look.detail == "ribbon":
        if name in ("front", "top"):
            inside = np.float32(0.045) - np.abs(seen.across - np.float32(0.93))
            band = np.clip(inside * side * 0.4 + 0.5, 0, 1)
            canvas.paint(seen.patch.faded(band), colours.accent, shade)
    elif look.detail == "round sticker" and name == "front":
        radius = np.hypot((seen.across - 0.82) * aspect, seen.down - 0.14)
        spot = np.clip((0.11 - radius) * side * 0.4 + 0.5, 0, 1)
        canvas.paint(seen.patch.faded(spot), colours.accent, shade)
        ring = np.clip((0.008 - np.abs(radius - 0.088)) * side * 0.5 + 0.5, 0, 1)
        canvas.paint(seen.patch.faded(ring), PAPER, shade)
    elif look.detail == "corner flash" and name == "front":
        depth = 0.3 - (seen.across * aspect + seen.down)
        canvas.paint(
            seen.patch.faded(np.clip(depth * side * 0.4 + 0.5, 0, 1)), colours.accent, shade
        )
    elif look.detail == "open window" and name == "front":
        inside = np.minimum(0.33 - np.abs(seen.across - 0.5), 0.055 - np.abs(seen.down - 0.905))
        pane = np.clip(inside * side * 0.5 + 0.5, 0, 1)
        canvas.paint(seen.patch.faded(pane), darker(colours.main, 0.62), shade)
        glint = pane * np.clip(1 - np.abs(seen.across - 0.4 + seen.down * 0.4) * 12, 0, 1)
        canvas.paint(seen.patch.faded(0.3 * glint), PAPER)


FAMILY: Final = Family(
    category="boxes",
    noun="box",
    shapes=tuple(SIZES),
    patterns=("plain", "petals", "stripes", "dots", "chevrons", "waves", "diamonds"),
    spacings=(0.045, 0.06, 0.08),
    details=("plain", "ribbon", "round sticker", "corner flash", "open window"),
    tones=("coral", "teal", "mustard", "navy", "mint", "burgundy", "sky", "lilac", "olive"),
    brands=("Harbrook", "Bexley Finch", "Fjella", "Quillon", "Solunne"),
    price=(4, 22),
    front=View(-24, 13),
    angle=View(38, 24),
    draw=draw,
    contents=("oats", "tea", "coffee", "salt", "lavender"),
    sizes=("100 g", "250 g", "500 g", "20 bags"),
)
