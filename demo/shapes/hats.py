"""Hats: caps and beanies drawn, brimmed hats turned on the lathe."""

from typing import Final

import numpy as np

from demo.labels import ink_for, mark
from demo.lathe import Lathe, diffuse, wrap_artwork
from demo.light import grain, puffed
from demo.model import Look, Orientation, View
from demo.palette import darker
from demo.patterns import weave
from demo.quad import laid_out
from demo.raster import (
    Canvas,
    Patch,
    Plane,
    clipped,
    curve,
    ellipse,
    fill,
    rounded,
    stroke,
    symmetric,
)
from demo.shapes.family import (
    Family,
    badge,
    chance,
    patch_label,
    pattern_of,
    seam,
    sew,
    stamp,
    tones,
)

CROWNS: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "fedora": (
        (0.15, 0.318, 1), (0.166, 0.328), (0.174, 0.35), (0.186, 0.45), (0.205, 0.6, 1),
    ),
    "bucket hat": (
        (0.165, 0.335, 1), (0.178, 0.343), (0.187, 0.365), (0.215, 0.55, 1), (0.3, 0.68),
        (0.335, 0.73, 1),
    ),
}  # fmt: skip

BRIM: Final = 0.39
"""Radius of the fedora's brim."""


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    if look.shape in CROWNS:
        return _turned(look, view, orientation, side)
    canvas = Canvas(side)
    (_cap if look.shape == "cap" else _beanie)(canvas, look)
    if orientation == "left":
        canvas.mirror()
    way = 1 if orientation == "right" else -1
    ground = tones(look).main
    if look.shape == "cap":
        x = 0.5 + way * 0.09
        if look.pattern == "plain":
            stamp(canvas, mark(look.brand, 128, ink_for(ground)), x, 0.44, 0.105)
        else:
            badge(canvas, look, x, 0.44, 0.075)
    else:
        patch_label(canvas, look, 0.5 + way * 0.1, 0.7, 0.12)
    return laid_out(canvas.premultiplied(), view)


def _cap(canvas: Canvas, look: Look) -> None:
    side = canvas.side
    colours = tones(look)
    trim = colours.accent if look.detail == "contrast brim" else darker(colours.main, 0.1)
    crown = fill(side, curve(
        [(0.17, 0.66, 1), (0.165, 0.5), (0.24, 0.34), (0.4, 0.265), (0.55, 0.275), (0.68, 0.36),
         (0.735, 0.5), (0.74, 0.62, 1), (0.46, 0.665)]
    ))  # fmt: skip
    sew(canvas, crown, look, "crown", depth=0.13, softness=0.12, creases=0.02)
    for points in (
        [(0.43, 0.265), (0.37, 0.42), (0.37, 0.66)],
        [(0.43, 0.265), (0.62, 0.4), (0.68, 0.635)],
        [(0.43, 0.265), (0.24, 0.42), (0.21, 0.66)],
    ):
        seam(canvas, curve(points, closed=False))
    brim = curve(
        [(0.4, 0.655, 1), (0.56, 0.612), (0.738, 0.6, 1), (0.86, 0.635), (0.925, 0.7), (0.9, 0.735),
         (0.7, 0.705), (0.52, 0.7), (0.42, 0.685, 1)]
    )  # fmt: skip
    canvas.multiply(clipped(fill(side, brim - np.array([0.0, 0.012])), crown), 0.8)
    patch = fill(side, brim)
    sew(canvas, patch, look, "brim", colour=trim, depth=0.06, softness=0.05, creases=0.0)
    seam(canvas, curve([(0.5, 0.675), (0.7, 0.66), (0.88, 0.71)], closed=False))
    button = fill(side, ellipse(0.435, 0.262, 0.024, 0.014))
    canvas.paint(button, trim, puffed(button, 0.04, softness=0.02))


def _beanie(canvas: Canvas, look: Look) -> None:
    side = canvas.side
    colours = tones(look)
    if look.detail == "pompom":
        accidents = chance(look, "pompom")
        angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        reach = 0.088 + accidents.uniform(-0.012, 0.008, 72)
        tuft = np.stack([0.5 + reach * np.cos(angle), 0.19 + reach * np.sin(angle)], axis=1)
        ball = fill(side, tuft)
        canvas.paint(
            ball, colours.accent, puffed(ball, 0.1, softness=0.06) * grain(ball, accidents, 0.08)
        )
    crown = fill(side, symmetric(
        [(0.5, 0.225), (0.62, 0.25), (0.72, 0.36), (0.765, 0.52), (0.77, 0.68, 1), (0.5, 0.69)]
    ))  # fmt: skip
    sew(canvas, crown, look, "crown", depth=0.13, softness=0.12, creases=0.02)
    cuff = fill(side, rounded(0.215, 0.615, 0.785, 0.79, 0.03))
    canvas.multiply(clipped(fill(side, rounded(0.215, 0.6, 0.785, 0.79, 0.03)), crown), 0.82)
    colour = colours.accent if look.detail == "contrast brim" else darker(colours.main, 0.08)
    x, _ = cuff.grid()
    ribs = 1.0 + 0.09 * np.sin(x * np.float32(2 * np.pi * 46))
    canvas.paint(cuff, colour, puffed(cuff, 0.08, softness=0.06) * ribs)
    y_ribs = stroke(side, [(0.5, 0.24), (0.5, 0.6)], 0.003)
    canvas.multiply(y_ribs, 0.9)


def _turned(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    colours = tones(look)
    turn = view.turn if orientation == "right" else -view.turn
    hat = Lathe.through(CROWNS[look.shape], View(view.turn, view.tilt + 12, view.roll))
    if look.shape == "fedora":
        _brim(canvas, look, hat)
    seen = hat.seen(side)
    u, v, footprint = seen.wrapped(turn)
    felt = np.array(weave(pattern_of(look), u, v, footprint))
    band_top, band_bottom = (0.53, 0.592) if look.shape == "fedora" else (0.5, 0.55)
    if look.shape == "fedora" or look.detail == "contrast brim":
        band = colours.accent if look.detail == "contrast brim" else darker(colours.main, 0.5)
        level = seen.height
        felt[(level > np.float32(band_top)) & (level < np.float32(band_bottom))] = band
    shade = diffuse(seen) * grain(seen.patch, chance(look, "felt"), 0.03)
    canvas.paint(seen.patch, felt, shade)
    _crown_top(canvas, look, hat)
    if look.detail == "pompom":
        x = 0.5 + (0.17 if orientation == "right" else -0.17)
        y = hat.row(0.52)
        for way in (-0.5, 0.0, 0.5):
            feather = curve([(x, y), (x + 0.03 * way, y - 0.1), (x + 0.08 * way, y - 0.16),
                             (x + 0.02 * way + 0.01, y - 0.08)])  # fmt: skip
            patch = fill(side, feather)
            canvas.paint(patch, colours.accent, puffed(patch, 0.05, softness=0.02))
    logo = mark(look.brand, 72, ink_for(colours.main))
    middle = 0.45 if look.shape == "fedora" else 0.44
    if look.pattern != "plain":
        logo = mark(look.brand, 72, darker(colours.main, 0.7))
    wrap_artwork(
        canvas, seen, logo, top=middle - 0.035, bottom=middle + 0.035, width=0.11, turn=turn,
        shade=shade,
    )  # fmt: skip
    return canvas.premultiplied()


def _brim(canvas: Canvas, look: Look, hat: Lathe) -> None:
    """A flat brim, its edge turned up a little, in the crown's shadow."""
    low, high = hat.bottom + 0.012, hat.bottom
    canvas.paint(hat.rim(canvas.side, low, BRIM), darker(tones(look).main, 0.35))
    brim = hat.rim(canvas.side, high, BRIM)
    x, _ = brim.grid()
    light = 1.06 - np.float32(0.28) * np.broadcast_to(x, brim.coverage.shape)
    canvas.paint(brim, _across(brim, look, hat, high), light)
    edge = ellipse(0.5, hat.row(high), BRIM - 0.022, (BRIM - 0.022) * hat.dip)
    canvas.multiply(fill(canvas.side, edge), 0.94)
    near = ellipse(0.52, hat.row(high) + 0.004, 0.26, 0.26 * hat.dip)
    canvas.multiply(fill(canvas.side, near), 0.86)


def _crown_top(canvas: Canvas, look: Look, hat: Lathe) -> None:
    """The flat of the crown; the fedora's has a pinch."""
    radius = float(hat.profile[0, 0])
    top = hat.rim(canvas.side, hat.top, radius)
    canvas.paint(top, _across(top, look, hat, hat.top), 1.05)
    if look.shape == "fedora":
        for share, depth in ((0.62, 0.5), (0.5, 0.3)):
            pinch = ellipse(0.5, hat.row(hat.top), radius * share, radius * hat.dip * depth)
            canvas.multiply(fill(canvas.side, pinch), 0.85)


def _across(disc: Patch, look: Look, hat: Lathe, height: float) -> Plane:
    """The pattern on a level disc, foreshortened as the disc is."""
    x, y = disc.grid()
    v = (y - np.float32(hat.row(height))) / np.float32(hat.dip)
    return weave(pattern_of(look), x - np.float32(0.5), v, 2.0 / disc.side)


FAMILY: Final = Family(
    category="hats",
    noun="hat",
    shapes=("cap", "beanie", "fedora", "bucket hat"),
    patterns=("plain", "stripes", "checks", "speckles", "diamonds", "plaid"),
    spacings=(0.045, 0.06, 0.08),
    details=("plain", "contrast brim", "pompom"),
    tones=("sand", "navy", "burgundy", "sage", "mustard", "charcoal", "denim", "coral", "forest"),
    brands=("Fjella", "Quillon", "Harbrook"),
    price=(15, 70),
    front=View(0, 4, 0),
    angle=View(26, 8, -4),
    draw=draw,
)
