"""Chairs in true perspective: legs, seat and back as slabs, upholstered with the pattern."""

from typing import Final

import numpy as np

from demo.light import lambert
from demo.model import Look, Orientation, View
from demo.palette import INK, OAK, WALNUT, Colour, darker
from demo.patterns import weave
from demo.quad import face, normals, project
from demo.raster import Canvas, Plane, Points
from demo.shapes.family import Family, patch_label, pattern_of

Slab = tuple[float, float, float, float, float, float]
"""left, top, back, right, bottom, front, around the middle of the picture."""

SOFT_PARTS: Final[dict[str, tuple[Slab, ...]]] = {
    "dining chair": ((-0.19, 0.06, -0.19, 0.19, 0.11, 0.19),
                     (-0.19, -0.4, -0.2, 0.19, -0.06, -0.16)),
    "armchair": (
        (-0.2, -0.02, -0.2, 0.2, 0.14, 0.22), (-0.29, -0.33, -0.29, 0.29, 0.22, -0.2),
        (-0.29, -0.1, -0.2, -0.2, 0.22, 0.24), (0.2, -0.1, -0.2, 0.29, 0.22, 0.24),
        (-0.2, 0.14, -0.2, 0.2, 0.22, 0.22),
    ),
    "bar stool": ((-0.16, -0.2, -0.16, 0.16, -0.13, 0.16),),
    "lounge chair": (
        (-0.24, 0.08, -0.22, 0.24, 0.18, 0.24), (-0.24, -0.26, -0.28, 0.24, 0.08, -0.18),
    ),
}  # fmt: skip
LEGS: Final[dict[str, tuple[float, float, float, float]]] = {
    "dining chair": (0.17, 0.17, 0.11, 0.42),
    "armchair": (0.25, 0.22, 0.22, 0.34),
    "bar stool": (0.14, 0.14, -0.13, 0.42),
    "lounge chair": (0.22, 0.2, 0.18, 0.36),
}
"""Half distance across and in depth, top and bottom."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    way = 1 if orientation == "right" else -1
    seen_from = View(view.turn * way, view.tilt, view.roll)
    wood = {"oak legs": OAK, "walnut legs": WALNUT, "black legs": INK}[look.detail]
    slabs: list[tuple[Slab, Colour | None]] = [(slab, wood) for slab in _frame(look.shape)]
    slabs += [(slab, None) for slab in SOFT_PARTS[look.shape]]
    slabs = [(_smaller(slab), colour) for slab, colour in slabs]
    for slab, colour in sorted(slabs, key=lambda part: _nearness(part[0], seen_from)):
        _paint(canvas, look, slab, colour, seen_from)
    back = SOFT_PARTS[look.shape][-1 if look.shape != "armchair" else 0]
    back = _smaller(back)
    spot = project([((back[0] + back[3]) / 2 + 0.11, (back[1] + back[4]) / 2, back[5])], seen_from)[
        0
    ]
    patch_label(canvas, look, float(spot[0]), float(spot[1]), 0.06)
    return canvas.premultiplied()


def _smaller(slab: Slab) -> Slab:
    """The slab at nine tenths, so that a turned chair stays inside its picture."""
    left, top, back, right, bottom, front = (0.9 * place for place in slab)
    return left, top, back, right, bottom, front


def _frame(shape: str) -> list[Slab]:
    across, deep, top, bottom = LEGS[shape]
    thick = 0.018
    parts = [
        (x - thick, top, z - thick, x + thick, bottom, z + thick)
        for x in (-across, across)
        for z in (-deep, deep)
    ]
    if shape == "dining chair":
        parts += [
            (x - thick, -0.42, -deep - 0.02, x + thick, top, -deep + 0.02)
            for x in (-across, across)
        ]
    if shape == "bar stool":
        for z in (-deep, deep):
            parts.append((-across, 0.24, z - 0.012, across, 0.265, z + 0.012))
        for x in (-across, across):
            parts.append((x - 0.012, 0.2, -deep, x + 0.012, 0.225, deep))
    return parts


def _nearness(slab: Slab, view: View) -> float:
    left, top, back, right, bottom, front = slab
    middle = [((left + right) / 2, (top + bottom) / 2, (back + front) / 2)]
    _, _, depth = normals(middle, view)[0]
    return float(depth)


def _paint(canvas: Canvas, look: Look, slab: Slab, colour: Colour | None, view: View) -> None:
    left, top, back, right, bottom, front = slab
    faces = {
        (0, 0, 1): [(left, top, front), (right, top, front), (right, bottom, front),
                    (left, bottom, front)],
        (1, 0, 0): [(right, top, front), (right, top, back), (right, bottom, back),
                    (right, bottom, front)],
        (-1, 0, 0): [(left, top, back), (left, top, front), (left, bottom, front),
                     (left, bottom, back)],
        (0, -1, 0): [(left, top, back), (right, top, back), (right, top, front),
                     (left, top, front)],
    }  # fmt: skip
    for outward, corners in faces.items():
        quad = project(corners, view)
        ahead, behind = quad[1] - quad[0], quad[2] - quad[1]
        if ahead[0] * behind[1] - ahead[1] * behind[0] <= 1e-5:
            continue
        normal = normals([outward], view)[0].astype(np.float32)
        light = float(lambert(*(np.array(part) for part in normal)))
        _face(canvas, look, quad, _size(corners), colour, light)


def _face(
    canvas: Canvas,
    look: Look,
    quad: Points,
    size: tuple[float, float],
    colour: Colour | None,
    light: float,
) -> None:
    seen = face(canvas.side, quad)
    wide, tall = size
    edge = np.minimum(
        np.minimum(seen.across, 1 - seen.across) * wide, np.minimum(seen.down, 1 - seen.down) * tall
    )
    if colour is None:
        u = (seen.across - np.float32(0.5)) * np.float32(wide)
        v = (seen.down - np.float32(0.5)) * np.float32(tall)
        surface = weave(pattern_of(look), u, v, 1.2 / canvas.side)
        rounding = 0.78 + 0.22 * np.clip(edge / 0.025, 0, 1) ** 0.6
        canvas.paint(seen.patch, surface, light * rounding * (1.04 - 0.1 * seen.down))
    else:
        rounding = 0.88 + 0.12 * np.clip(edge / 0.01, 0, 1)
        canvas.paint(seen.patch, darker(colour, 0.05), light * rounding * (1.05 - 0.15 * seen.down))


def _size(corners: list[tuple[float, float, float]]) -> tuple[float, float]:
    points = np.array(corners)
    wide, tall = points[1] - points[0], points[2] - points[1]
    return float(np.abs(wide).sum()), float(np.abs(tall).sum())


FAMILY: Final = Family(
    category="chairs",
    noun="chair",
    shapes=tuple(SOFT_PARTS),
    patterns=("plain", "checks", "stripes", "diamonds", "plaid", "dots", "chevrons"),
    spacings=(0.05, 0.07, 0.09),
    details=("oak legs", "walnut legs", "black legs"),
    tones=("teal", "mustard", "blush", "forest", "denim", "terracotta", "ivory", "plum", "stone"),
    brands=("Norvela", "Solunne", "Bexley Finch", "Maravo"),
    price=(70, 420),
    front=View(-28, 14),
    angle=View(40, 24),
    draw=draw,
)
