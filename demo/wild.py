"""Wild pictures: the product in a room, among other things, in somebody's light.

Rooms and clutter are drawn at half size and enlarged, which is also the softness of a phone's
background. Everything is drawn from the shot's own seed.
"""

from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image

from demo.light import puffed
from demo.model import Shot
from demo.palette import TONES, Colour, darker, lighter, mix
from demo.quad import as_image
from demo.raster import Canvas, Plane, curve, ellipse, fill, rounded, stroke
from demo.rooms import FLOORS, ROOMS
from demo.scene import Placed, over, shadow

HORIZON: Final = 0.58
"""Where the table or floor meets the wall behind a standing product."""


def wild(placed: Placed, shot: Shot) -> Plane:
    """The product in its scene: (side, side, 3), 0..1."""
    side = placed.cutout.shape[0]
    rng = np.random.default_rng(shot.accident)
    half = side // 2
    if placed.lies:
        ground = FLOORS[shot.background](rng, half, half)
    else:
        room = ROOMS[shot.background]
        edge = round(half * HORIZON)
        ground = np.concatenate([room.wall(rng, edge, half), room.table(rng, half - edge, half)])
        ground[max(edge - 1, 0) : edge + 1] *= 0.82
    ground = over(_clutter(rng, half, lies=placed.lies), ground)
    scene = _enlarged(ground, side)
    scene *= (1.0 - shadow(placed, 1.25))[..., None]
    scene = over(placed.cutout, scene)
    if shot.occlusion != "none":
        scene = over(_enlarged(_occluder(rng, half, shot.occlusion), side), scene)
    return _exposed(scene, shot, rng)


LIGHTS: Final[dict[str, tuple[tuple[float, float, float], float, float]]] = {
    "daylight": ((1.0, 1.0, 1.0), 0.16, -0.6),
    "evening": ((1.08, 0.98, 0.84), 0.3, 0.4),
    "overcast": ((0.94, 0.98, 1.03), 0.08, 1.2),
    "window": ((1.02, 1.01, 0.98), 0.34, 3.0),
}
"""Gains of red, green and blue, how uneven, and where it falls from (radians)."""

OCCLUSIONS: Final = ("none", "leaves", "ball", "book")


def _clutter(rng: Generator, side: int, *, lies: bool) -> Plane:
    """Other people's things around the product: (side, side, 4) premultiplied."""
    canvas = Canvas(side)
    things = (_books, _plant, _bowl, _vessel)
    if lies:
        for _ in range(2):
            x, y = rng.choice((0.06, 0.94)), rng.uniform(0.05, 0.95)
            rng.choice(np.array([_plate, _magazine]))(canvas, rng, float(x), float(y))
        return canvas.premultiplied()
    for x in (rng.uniform(0.02, 0.2), rng.uniform(0.8, 0.98)):
        thing = things[int(rng.integers(len(things)))]
        ground = HORIZON + rng.uniform(0.04, 0.1)
        under = fill(side, ellipse(x + 0.02, ground, 0.13, 0.02))
        canvas.paint(under.faded(0.25), (0.05, 0.04, 0.04))
        thing(canvas, rng, float(x), ground)
    return canvas.premultiplied()


def _books(canvas: Canvas, rng: Generator, x: float, ground: float) -> None:
    for _ in range(int(rng.integers(2, 5))):
        thick, half = rng.uniform(0.03, 0.05), rng.uniform(0.09, 0.14)
        shift = rng.uniform(-0.02, 0.02)
        cover = fill(
            canvas.side, rounded(x + shift - half, ground - thick, x + shift + half, ground, 0.006)
        )
        canvas.paint(cover, _tone(rng), puffed(cover, 0.02, softness=0.03))
        ground -= thick


def _plant(canvas: Canvas, rng: Generator, x: float, ground: float) -> None:
    for angle in rng.uniform(-1.3, 1.3, int(rng.integers(6, 11))):
        _leaf(
            canvas,
            (x, ground - 0.14),
            float(angle),
            rng.uniform(0.16, 0.28),
            mix(TONES["forest"], TONES["sage"], rng.uniform()),
        )
    pot = fill(canvas.side, curve(
        [(x - 0.08, ground - 0.15, 1), (x + 0.08, ground - 0.15, 1), (x + 0.06, ground, 1),
          (x - 0.06, ground, 1)]
    ))  # fmt: skip
    canvas.paint(
        pot,
        mix(TONES["terracotta"], TONES["ivory"], rng.uniform(0, 0.8)),
        puffed(pot, 0.09, softness=0.08),
    )


def _bowl(canvas: Canvas, rng: Generator, x: float, ground: float) -> None:
    for dx in (-0.05, 0.045, 0.0):
        fruit = fill(canvas.side, ellipse(x + dx, ground - 0.105, 0.042, 0.042))
        tone = TONES[str(rng.choice(["mustard", "coral", "burgundy", "olive"]))]
        canvas.paint(fruit, tone, puffed(fruit, 0.1, softness=0.06))
    bowl = curve(
        [
            (x - 0.13, ground - 0.1, 1),
            (x + 0.13, ground - 0.1, 1),
            (x + 0.07, ground, 1),
            (x - 0.07, ground, 1),
        ]
    )
    patch = fill(canvas.side, bowl)
    canvas.paint(patch, lighter(_tone(rng), 0.5), puffed(patch, 0.08, softness=0.07))


def _vessel(canvas: Canvas, rng: Generator, x: float, ground: float) -> None:
    tall, half = rng.uniform(0.2, 0.34), rng.uniform(0.05, 0.075)
    outline = curve(
        [(x - half * 0.4, ground - tall, 1), (x + half * 0.4, ground - tall, 1),
          (x + half * 0.45, ground - tall * 0.7),
         (x + half, ground - tall * 0.5), (x + half * 0.9, ground, 1), (x - half * 0.9, ground, 1),
         (x - half, ground - tall * 0.5), (x - half * 0.45, ground - tall * 0.7)]
    )  # fmt: skip
    patch = fill(canvas.side, outline)
    canvas.paint(patch, darker(_tone(rng), 0.15), puffed(patch, 0.09, softness=0.08))


def _plate(canvas: Canvas, rng: Generator, x: float, y: float) -> None:
    tone = lighter(_tone(rng), 0.4)
    canvas.paint(
        fill(canvas.side, ellipse(x + 0.01, y + 0.014, 0.14, 0.14)).faded(0.3), (0.05, 0.04, 0.04)
    )
    for reach, share in ((0.14, 0.0), (0.095, 0.12)):
        disc = fill(canvas.side, ellipse(x, y, reach, reach))
        canvas.paint(disc, darker(tone, share), puffed(disc, 0.03, softness=0.03))


def _magazine(canvas: Canvas, rng: Generator, x: float, y: float) -> None:
    angle = rng.uniform(-0.5, 0.5)
    spin = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    sheet = np.array([(-0.11, -0.15), (0.11, -0.15), (0.11, 0.15), (-0.11, 0.15)]) @ spin + (x, y)
    canvas.paint(fill(canvas.side, sheet + 0.012).faded(0.3), (0.05, 0.04, 0.04))
    canvas.paint(fill(canvas.side, sheet), _tone(rng))
    panel = np.array([(-0.08, -0.11), (0.08, -0.11), (0.08, 0.02), (-0.08, 0.02)]) @ spin + (x, y)
    canvas.paint(fill(canvas.side, panel), lighter(_tone(rng), 0.5))


def _leaf(
    canvas: Canvas, root: tuple[float, float], angle: float, length: float, colour: Colour
) -> None:
    out = np.array([np.sin(angle), -np.cos(angle)])
    across = np.array([out[1], -out[0]])
    points = [
        np.array(root) + out * (length * along) + across * (length * wide)
        for along, wide in (
            (0, 0.0),
            (0.35, 0.13),
            (0.7, 0.11),
            (1, 0.0),
            (0.7, -0.11),
            (0.35, -0.13),
        )
    ]
    patch = fill(canvas.side, curve([(float(p[0]), float(p[1])) for p in points]))
    canvas.paint(patch, colour, puffed(patch, 0.04, softness=0.03))


def _occluder(rng: Generator, side: int, kind: str) -> Plane:
    """What stands between the eye and a corner of the product."""
    canvas = Canvas(side)
    left = bool(rng.integers(2))
    x = 0.2 if left else 0.8
    if kind == "leaves":
        for angle in rng.uniform(-0.85, 0.85, int(rng.integers(5, 9))):
            tone = mix(TONES["forest"], TONES["sage"], rng.uniform(0, 0.7))
            _leaf(canvas, (x, 1.04), float(angle), rng.uniform(0.24, 0.36), tone)
    elif kind == "ball":
        ball = fill(side, ellipse(x + (0.06 if left else -0.06), 0.87, 0.1, 0.1))
        canvas.paint(ball, _tone(rng), puffed(ball, 0.22, softness=0.13))
    else:
        lean = rng.uniform(-0.3, 0.3)
        along, up = np.array([np.cos(lean), np.sin(lean)]), np.array([np.sin(lean), -np.cos(lean)])
        corner = np.array([x, 0.97]) + 0.13 * up
        cover = [corner - 0.2 * along, corner + 0.2 * along]
        sheet = np.array([*cover, cover[1] - 0.4 * up, cover[0] - 0.4 * up])
        canvas.paint(fill(side, sheet + 0.012).faded(0.35), (0.05, 0.04, 0.04))
        tone = _tone(rng)
        canvas.paint(fill(side, sheet), tone)
        title = corner - 0.05 * up
        canvas.paint(
            stroke(side, [title - 0.12 * along, title + 0.12 * along], 0.02), lighter(tone, 0.6)
        )
    return canvas.premultiplied()


def _exposed(scene: Plane, shot: Shot, rng: Generator) -> Plane:
    """Uneven light, its colour, the lens's vignette and the sensor's noise."""
    side = scene.shape[0]
    gains, uneven, direction = LIGHTS[shot.light]
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    x, y = axis[None, :], axis[:, None]
    slope = np.float32(np.cos(direction)) * x + np.float32(np.sin(direction)) * y
    light: Plane = 1.0 + np.float32(uneven) * slope - 0.35 * (x * x + y * y)
    if shot.light == "window":
        bars = np.clip(np.sin((x * 0.9 + y * 0.5) * 26.0 + 1.0) * 3.0, -1.0, 1.0)
        light = light + 0.07 * bars
    scene *= light[..., None] * np.array(gains, np.float32)
    scene += np.float32(0.014) * rng.standard_normal((side, side, 1), dtype=np.float32)
    return scene


def _tone(rng: Generator) -> Colour:
    names = sorted(TONES)
    return TONES[names[int(rng.integers(len(names)))]]


def _enlarged(picture: Plane, side: int) -> Plane:
    if picture.shape[2] == 4:
        small = as_image(picture)
    else:
        small = Image.fromarray(np.round(picture * np.float32(255)).astype(np.uint8))
    large = small.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(large, np.float32) / np.float32(255)
