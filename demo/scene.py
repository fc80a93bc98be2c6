"""From a cut-out product to a photograph: placing it, its shadows, and the studio."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from demo.model import Shot
from demo.palette import Colour
from demo.quad import warped
from demo.raster import Plane

STUDIO_BACKGROUNDS: Final[dict[str, Colour]] = {
    "white": (0.985, 0.985, 0.985),
    "warm white": (0.975, 0.962, 0.942),
    "cool grey": (0.925, 0.935, 0.945),
}
SHADOW_SIDE: Final = 128
FLOOR: Final = 0.82
"""Where a standing product's foot is placed in a wild picture."""


@dataclass(frozen=True)
class Placed:
    """A product in its picture, premultiplied (side, side, 4), and where it touches the ground.

    `foot` is (left, right, y) in fractions of the side; `lies` for what lies flat.
    """

    cutout: Plane
    foot: tuple[float, float, float]
    lies: bool


def studio(placed: Placed, shot: Shot) -> Plane:
    """The product before a near-white sweep with soft shadows: (side, side, 3), 0..1."""
    side = placed.cutout.shape[0]
    axis = ((np.arange(side, dtype=np.float32) + 0.5) / side)[:, None]
    fall = 1.0 - 0.05 * (axis - 0.62) ** 2 - 0.07 * (axis.T - 0.45) ** 2
    if not placed.lies:
        fall *= 1.0 - 0.028 / (1.0 + np.exp((axis - (placed.foot[2] - 0.09)) * 26))
    fall *= 1.0 - shadow(placed)
    wall = np.array(STUDIO_BACKGROUNDS[shot.background], np.float32)
    return over(placed.cutout, wall * fall[..., None])


def over(cutout: Plane, backdrop: Plane) -> Plane:
    """Source-over of a premultiplied cut-out, computed only where it is; changes `backdrop`."""
    there = cutout[..., 3] > 0
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if len(rows):
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        backdrop[window] *= 1.0 - cutout[window][..., 3:]
        backdrop[window] += cutout[window][..., :3]
    return backdrop


def place(cutout: Plane, shot: Shot, *, lies: bool) -> Placed:
    """Scale, roll and shift the cut-out as the shot asks, and find where it stands."""
    if shot.kind == "wild":
        foot = _foot(cutout[..., 3])
        pivot = (0.5, 0.5) if lies else ((foot[0] + foot[1]) / 2, foot[2])
        target = (0.5 + shot.shift_x, (0.5 if lies else FLOOR) + shot.shift_y)
        cutout = _moved(cutout, pivot, target, shot.scale)
    return Placed(cutout, _foot(cutout[..., 3]), lies)


def shadow(placed: Placed, strength: float = 1.0) -> Plane:
    """How much light the product takes from the ground, 0..1, (side, side)."""
    side = placed.cutout.shape[0]
    alpha = Image.fromarray((placed.cutout[..., 3] * 255).astype(np.uint8), "L")
    small = alpha.resize((SHADOW_SIDE, SHADOW_SIDE), Image.Resampling.BOX)
    taken = _lying(small) if placed.lies else _standing(small, placed.foot)
    full = Image.fromarray(taken).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(np.clip(np.asarray(full) * np.float32(strength), 0.0, 0.92), np.float32)


def _lying(alpha: Image.Image) -> Plane:
    soft = _blurred(_offset(alpha, 2, 3), 3.2)
    tight = _blurred(_offset(alpha, 0, 1), 1.0)
    return np.asarray(np.maximum(0.3 * soft, 0.26 * tight), np.float32)


def _standing(alpha: Image.Image, foot: tuple[float, float, float]) -> Plane:
    left, right, ground = (place * SHADOW_SIDE for place in foot)
    squash, lean = 0.2, 0.62
    cast = alpha.transform(
        alpha.size,
        Image.Transform.AFFINE,
        (1.0, lean / squash, -lean * ground / squash, 0.0, 1 / squash, ground - ground / squash),
        Image.Resampling.BILINEAR,
    )
    middle, half = (left + right) / 2, (right - left) / 2
    pool = Image.new("L", alpha.size)
    ImageDraw.Draw(pool).ellipse(
        (middle - half * 1.1, ground - 6.0, middle + half * 1.25, ground + 1.5), fill=255
    )
    rows = np.arange(SHADOW_SIDE, dtype=np.float32)[:, None]
    low = np.clip((rows - ground) / (0.13 * SHADOW_SIDE) + 1.0, 0.0, 1.0)
    near = 0.5 * _blurred(_offset(alpha, 0, 1), 1.0) + 0.32 * _blurred(_offset(alpha, 1, 2), 3.0)
    taken = np.maximum(0.24 * _blurred(cast, 3.4), 0.3 * _blurred(pool, 3.2))
    return np.asarray(np.maximum(taken, near * low), np.float32)


def _blurred(image: Image.Image, radius: float) -> Plane:
    soft = image.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft, np.float32) / np.float32(255.0)


def _offset(image: Image.Image, right: int, down: int) -> Image.Image:
    moved = Image.new("L", image.size)
    moved.paste(image, (right, down))
    return moved


def _foot(alpha: Plane) -> tuple[float, float, float]:
    side = alpha.shape[0]
    solid = alpha > 0.5
    rows = np.flatnonzero(solid.any(axis=1))
    if not len(rows):
        return 0.4, 0.6, 0.8
    bottom = int(rows[-1])
    sill = solid[max(0, bottom - side // 14) : bottom + 1]
    columns = np.flatnonzero(sill.any(axis=0))
    return float(columns[0] / side), float((columns[-1] + 1) / side), float((bottom + 1) / side)


def _moved(
    cutout: Plane, pivot: tuple[float, float], target: tuple[float, float], scale: float
) -> Plane:
    side = cutout.shape[0]
    away = [(middle - to / scale) * side for middle, to in zip(pivot, target, strict=True)]
    matrix = np.array([(1 / scale, 0, away[0]), (0, 1 / scale, away[1]), (0, 0, 1)], np.float64)
    return warped(cutout, matrix, Image.Resampling.BILINEAR)
