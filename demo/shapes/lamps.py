"""Table lamps: a turned foot and stem under a glowing shade that carries the pattern."""

from typing import Final

import numpy as np

from demo.labels import mark
from demo.lathe import Lathe, diffuse, glazed, wrap_artwork
from demo.model import Look, Orientation, View
from demo.palette import BRASS, INK, WALNUT, Colour, darker, lighter, mix
from demo.patterns import weave
from demo.raster import Canvas, Plane, ellipse, fill, stroke
from demo.shapes.family import Family, pattern_of, tones

SHADES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "cone lamp": ((0.1, 0.13, 1), (0.25, 0.43, 1)),
    "drum lamp": ((0.215, 0.14, 1), (0.225, 0.42, 1)),
    "dome lamp": ((0.085, 0.15, 1), (0.14, 0.175), (0.21, 0.26), (0.245, 0.4, 1)),
    "globe lamp": (
        (0.075, 0.142, 1), (0.135, 0.175), (0.18, 0.27), (0.17, 0.38), (0.11, 0.45),
        (0.06, 0.465, 1),
    ),
}  # fmt: skip
STEMS: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "cone lamp": (
        (0.02, 0.4, 1), (0.025, 0.47), (0.09, 0.6), (0.115, 0.72), (0.08, 0.82), (0.1, 0.87, 1),
    ),
    "drum lamp": ((0.016, 0.4, 1), (0.016, 0.8), (0.03, 0.83), (0.14, 0.85), (0.145, 0.875, 1)),
    "dome lamp": ((0.02, 0.4, 1), (0.022, 0.6), (0.03, 0.72), (0.07, 0.82), (0.13, 0.875, 1)),
    "globe lamp": (
        (0.05, 0.44, 1), (0.035, 0.5), (0.055, 0.56), (0.035, 0.62), (0.06, 0.7), (0.035, 0.77),
        (0.11, 0.85), (0.12, 0.875, 1),
    ),
}  # fmt: skip


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    turn = view.turn if orientation == "right" else -view.turn
    way = 1.0 if orientation == "right" else -1.0
    _stem(canvas, look, view)
    shade = Lathe.through(SHADES[look.shape], view)
    seen = shade.seen(side)
    u, v, footprint = seen.wrapped(turn)
    cloth = weave(pattern_of(look), u, v, footprint)
    share = (seen.height - np.float32(shade.top)) / np.float32(shade.bottom - shade.top)
    glow = np.exp(-(((seen.angle + 0.15) / 0.75) ** 2)) * np.exp(-(((share - 0.6) / 0.45) ** 2))
    warm = np.array((0.3, 0.22, 0.1), np.float32) * glow[..., None]
    canvas.paint(seen.patch, cloth + warm, 0.3 + 0.72 * diffuse(seen))
    colours = tones(look)
    for height, radius in ((shade.top, shade.profile[0, 0]), (shade.bottom, shade.profile[-1, 0])):
        _hem(canvas, shade, height, float(radius), darker(colours.main, 0.25))
    if look.shape in ("cone lamp", "drum lamp"):
        opening = shade.rim(side, shade.top, float(shade.profile[0, 0]) * 0.95)
        canvas.paint(opening, mix(colours.main, (1.0, 0.9, 0.68), 0.7))
    else:
        _finial(canvas, shade, darker(colours.main, 0.3))
    if look.detail == "pull cord":
        x = 0.5 + 0.13 * way
        start = shade.row(shade.bottom)
        canvas.paint(stroke(side, [(x, start - 0.01), (x, start + 0.15)], 0.005), BRASS)
        canvas.paint(fill(side, ellipse(x, start + 0.16, 0.013, 0.017)), BRASS)
    return canvas.premultiplied()


def _stem(canvas: Canvas, look: Look, view: View) -> None:
    materials: dict[str, tuple[Colour, float]] = {
        "plain": (darker(tones(look).partner, 0.12), 0.25),
        "pull cord": (darker(tones(look).partner, 0.12), 0.25),
        "brass foot": (BRASS, 0.55),
        "walnut foot": (WALNUT, 0.1),
    }
    colour, gloss = materials[look.detail]
    stem = Lathe.through(STEMS[look.shape], view)
    seen = stem.seen(canvas.side)
    canvas.paint(seen.patch, colour, diffuse(seen), glazed(seen, gloss))
    ink = lighter(colour, 0.7) if sum(colour) < 1.5 else mix(colour, INK, 0.6)
    wrap_artwork(
        canvas, seen, mark(look.brand, 48, ink), top=0.79, bottom=0.83, width=0.04,
        turn=view.turn, shade=1.0,
    )  # fmt: skip


def _finial(canvas: Canvas, shade: Lathe, colour: Colour) -> None:
    """The cap and knob that hold a closed shade on its stem."""
    canvas.paint(shade.rim(canvas.side, shade.top, float(shade.profile[0, 0])), colour)
    knob = Lathe.through(
        ((0.008, shade.top - 0.045, 1), (0.02, shade.top - 0.03), (0.014, shade.top - 0.005, 1)),
        shade.view,
    )
    seen = knob.seen(canvas.side)
    canvas.paint(seen.patch, BRASS, diffuse(seen), glazed(seen, 0.5))


def _hem(canvas: Canvas, shade: Lathe, height: float, radius: float, colour: Colour) -> None:
    angle = np.linspace(0, np.pi, 60)
    y = shade.row(height) + radius * shade.dip * np.sin(angle)
    line = np.stack([0.5 + radius * np.cos(angle), y], axis=1)
    canvas.paint(stroke(canvas.side, line, 0.008).faded(0.8), colour)


FAMILY: Final = Family(
    category="lamps",
    noun="lamp",
    shapes=tuple(SHADES),
    patterns=("plain", "stripes", "petals", "dots", "plaid", "waves"),
    spacings=(0.05, 0.07, 0.09),
    details=("plain", "brass foot", "walnut foot", "pull cord"),
    tones=("ivory", "mustard", "sage", "coral", "sky", "blush", "sand", "teal", "lilac"),
    brands=("Solunne", "Norvela", "Quillon"),
    price=(35, 140),
    front=View(0, 6),
    angle=View(35, 18),
    draw=draw,
)
