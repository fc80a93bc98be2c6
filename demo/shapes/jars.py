"""Jars and tins: short turned bodies with a lid and a label that wraps around."""

from typing import Final

from demo.lathe import Lathe, diffuse, glazed, wrap_artwork
from demo.model import Look, Orientation, View
from demo.palette import BRASS, OAK, STEEL, Colour, darker, lighter
from demo.patterns import weave
from demo.raster import Canvas, Plane
from demo.shapes.family import Family, pattern_of, printed_label, tones

PROFILES: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "tea tin": ((0.175, 0.31, 1), (0.175, 0.8, 1)),
    "honey jar": (
        (0.15, 0.32, 1), (0.155, 0.345), (0.195, 0.4), (0.2, 0.5), (0.2, 0.7), (0.185, 0.78),
        (0.16, 0.8, 1),
    ),
    "squat jar": (
        (0.2, 0.4, 1), (0.225, 0.44), (0.235, 0.54), (0.235, 0.7), (0.215, 0.77), (0.19, 0.785, 1),
    ),
    "coffee canister": ((0.16, 0.24, 1), (0.162, 0.26), (0.162, 0.84), (0.155, 0.86, 1)),
}  # fmt: skip
LABELS: Final[dict[str, tuple[float, float, float]]] = {
    "tea tin": (0.39, 0.75, 0.3),
    "honey jar": (0.46, 0.75, 0.29),
    "squat jar": (0.485, 0.735, 0.27),
    "coffee canister": (0.38, 0.78, 0.27),
}


def draw(look: Look, view: View, orientation: Orientation, side: int) -> Plane:
    canvas = Canvas(side)
    turn = view.turn if orientation == "right" else -view.turn
    body = Lathe.through(PROFILES[look.shape], view)
    seen = body.seen(side)
    u, v, footprint = seen.wrapped(turn)
    shade, gloss = diffuse(seen), glazed(seen, 0.26)
    canvas.paint(seen.patch, weave(pattern_of(look), u, v, footprint), shade, gloss)
    top, bottom, width = LABELS[look.shape]
    artwork = printed_label(look, width, bottom - top, side, pale=look.pattern != "plain")
    wrap_artwork(
        canvas, seen, artwork, top=top, bottom=bottom, width=width, turn=turn,
        shade=0.1 + 0.9 * shade, gloss=0.5 * gloss,
    )  # fmt: skip
    _lid(canvas, look, body)
    return canvas.premultiplied()


def _lid(canvas: Canvas, look: Look, body: Lathe) -> None:
    colours = tones(look)
    radius = float(body.profile[0, 0]) + 0.006
    metal: dict[str, Colour] = {
        "wooden lid": OAK,
        "brass lid": BRASS,
        "steel lid": STEEL,
        "colour lid": darker(colours.main, 0.35),
    }
    colour = metal[look.detail]
    part = Lathe.through(
        ((radius, body.top - 0.06, 1), (radius, body.top + 0.012, 1)), body.view, body.centre
    )
    seen = part.seen(canvas.side)
    metallic = look.detail in ("brass lid", "steel lid")
    canvas.paint(seen.patch, colour, diffuse(seen), glazed(seen, 0.5 if metallic else 0.08))
    canvas.paint(part.rim(canvas.side, part.top, radius), lighter(colour, 0.24))
    canvas.paint(part.rim(canvas.side, part.top + 0.002, radius * 0.86), lighter(colour, 0.12))
    knob = Lathe.through(
        ((0.02, body.top - 0.105, 1), (0.03, body.top - 0.09), (0.018, body.top - 0.055, 1)),
        body.view,
        body.centre,
    )
    if look.detail == "wooden lid":
        turned = knob.seen(canvas.side)
        canvas.paint(turned.patch, darker(colour, 0.12), diffuse(turned), glazed(turned, 0.1))


FAMILY: Final = Family(
    category="jars",
    noun="jar",
    shapes=tuple(PROFILES),
    patterns=("stripes", "petals", "plain", "diamonds", "checks", "chevrons"),
    spacings=(0.04, 0.055, 0.075),
    details=("wooden lid", "brass lid", "steel lid", "colour lid"),
    tones=("mustard", "sage", "burgundy", "navy", "ivory", "coral", "forest", "lilac", "cocoa"),
    brands=("Tamsin & Oak", "Solunne", "Harbrook", "Norvela", "Maravo"),
    price=(6, 28),
    front=View(0, 12),
    angle=View(28, 26),
    draw=draw,
    contents=("tea", "coffee", "salt", "oats"),
    sizes=("100 g", "250 g", "400 g", "1 kg"),
)
