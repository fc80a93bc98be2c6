"""Turned solids (mugs, bottles, vases, hats): an exact view of a profile spun about an axis.

Seen from a little above without perspective, a point at height h, radius r(h) and angle a lands at
    x = centre + r sin a,   y = middle + (h - middle) cos tilt + r cos a sin tilt.
Every visible pixel is solved back to (h, a) by marching its ray, which gives true texture
coordinates and normals, so labels wrap and turn as on a real bottle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo.light import lambert
from demo.model import View
from demo.quad import sample
from demo.raster import Canvas, Patch, Plane, Points, curve, ellipse, fill

MARCHES: Final = 6
HALVINGS: Final = 7
TABLE: Final = 1024
SLICES: Final = 28


@dataclass(frozen=True)
class Turned:
    """What is seen of a turned solid: per pixel its angle, height, way down the profile, normal."""

    patch: Patch
    angle: Plane
    height: Plane
    arc: Plane
    normal_x: Plane
    normal_y: Plane
    normal_z: Plane
    girth: float

    def wrapped(self, turn: float) -> tuple[Plane, Plane, Plane]:
        """Texture (u, v, footprint) in fractions of the side, turned by degrees.

        v runs along the surface, so that a pattern keeps its spacing on a shoulder or a brim.
        """
        u = (self.angle + np.float32(np.radians(turn))) * np.float32(self.girth)
        facing = np.clip(self.normal_z, 0.14, 1.0)
        return u, self.arc, (1.0 / (self.patch.side * facing)).astype(np.float32)


@dataclass(frozen=True)
class Lathe:
    """A profile, (points, 2) of (radius, height) from the top down, spun about x = centre."""

    profile: Points
    centre: float
    view: View

    @classmethod
    def through(cls, points: Sequence[Sequence[float]], view: View, centre: float = 0.5) -> "Lathe":
        """A smooth profile through (radius, height[, 1 for a corner]) from the top down."""
        return cls(curve(points, closed=False), centre, view)

    @property
    def top(self) -> float:
        return float(self.profile[0, 1])

    @property
    def bottom(self) -> float:
        return float(self.profile[-1, 1])

    @property
    def foreshortening(self) -> float:
        return float(np.cos(np.radians(self.view.tilt)))

    @property
    def dip(self) -> float:
        return float(np.sin(np.radians(self.view.tilt)))

    def row(self, height: float) -> float:
        """The picture's y of the axis at `height`."""
        return 0.5 + (height - 0.5) * self.foreshortening

    def rim(self, side: int, height: float, radius: float) -> Patch:
        """The disc of `radius` across the axis at `height`, as it is seen."""
        outline = ellipse(self.centre, self.row(height), radius, max(radius * self.dip, 1e-3))
        return fill(side, outline)

    def silhouette(self, side: int) -> Patch:
        """The outline where the surface turns away, with its rims and a few slices between.

        The surface turns away where cos a = -r'(h) tan tilt; slices fill in at corners, where
        the profile has no slope.
        """
        radius, height = self.profile[:, 0], self.profile[:, 1]
        rows = 0.5 + (height - 0.5) * self.foreshortening
        step = np.where(np.diff(height) == 0, 1e-6, np.diff(height))
        slope = np.append(np.diff(radius) / step, 0.0)
        cosine = -slope * self.dip / self.foreshortening
        turns = np.abs(cosine) <= 1.0
        edge = radius[turns] * np.sqrt(1.0 - cosine[turns] ** 2)
        drop = rows[turns] + radius[turns] * cosine[turns] * self.dip
        outline = np.concatenate([edge, -edge[::-1]]) + self.centre
        slices = np.unique(np.linspace(0, len(radius) - 1, SLICES).astype(int))
        rims = [
            ellipse(self.centre, rows[at], radius[at], max(radius[at] * self.dip, 1e-3))
            for at in slices
        ]
        return fill(side, np.stack([outline, np.concatenate([drop, drop[::-1]])], axis=1), *rims)

    def seen(self, side: int) -> Turned:
        """Solve every pixel of the silhouette back to the surface."""
        patch = self.silhouette(side)
        heights = np.linspace(self.top, self.bottom, TABLE)
        order = np.argsort(self.profile[:, 1], kind="stable")
        radii = np.interp(heights, self.profile[order, 1], self.profile[order, 0])
        steps = np.hypot(np.diff(radii), np.diff(heights))
        arcs = (self.top + np.concatenate([[0.0], np.cumsum(steps)])).astype(np.float32)
        slopes = np.clip(np.gradient(radii, heights), -8.0, 8.0).astype(np.float32)
        radii = np.maximum(radii, 1e-3).astype(np.float32)
        x, y = patch.grid()
        offset = x - np.float32(self.centre)
        scale = np.float32((TABLE - 1) / (self.bottom - self.top))
        flat = (y - np.float32(0.5)) / np.float32(self.foreshortening) + np.float32(0.5)
        lean = np.float32(self.dip / self.foreshortening)
        reach = radii.max()

        def depth_inside(share: Plane | np.float32) -> Plane:
            """How far (squared) the ray is inside after `share` of its way to the axis."""
            before = reach * (np.float32(1.0) - share)
            radius = radii[_index(flat - lean * before, self.top, scale)]
            return np.asarray(radius * radius - offset * offset - before * before)

        share = _first_entry(depth_inside, patch.coverage.shape)
        height = flat - lean * reach * (np.float32(1.0) - share)
        at = _index(height, self.top, scale)
        radius, slope = radii[at], slopes[at]
        sine = np.clip(offset / radius, -1.0, 1.0)
        cosine = np.sqrt(1.0 - sine * sine)
        length = np.sqrt(1.0 + slope * slope)
        normal_x, up, out = sine / length, -slope / length, cosine / length
        normal_y = up * np.float32(self.foreshortening) + out * np.float32(self.dip)
        normal_z = out * np.float32(self.foreshortening) - up * np.float32(self.dip)
        clamped = np.clip(height, self.top, self.bottom)
        girth = float(radii.max())
        return Turned(
            patch, np.arcsin(sine), clamped, arcs[at], normal_x, normal_y, normal_z, girth
        )


def _first_entry(
    depth_inside: Callable[[Plane | np.float32], Plane], shape: tuple[int, ...]
) -> Plane:
    """Where 0..1 along every ray it first enters: a coarse march, then halving.

    A ray that only grazes the solid keeps the step at which it came nearest.
    """
    entered = np.zeros(shape, np.bool_)
    low, high = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    nearest = np.full(shape, -np.inf, np.float32)
    for share in np.linspace(0.0, 1.0, MARCHES + 1, dtype=np.float32):
        inside = depth_inside(share)
        fresh = ~entered
        closer = fresh & (inside > nearest)
        nearest[closer] = inside[closer]
        high[closer] = share
        low[fresh & (inside < 0)] = share
        entered |= inside >= 0
    low = np.where(entered, low, high)
    for _ in range(HALVINGS):
        middle = (low + high) * np.float32(0.5)
        beneath = depth_inside(middle) >= 0
        high = np.where(beneath, middle, high)
        low = np.where(beneath, low, middle)
    return high


def diffuse(seen: Turned) -> Plane:
    """Soft light on the solid, a little darker where it turns away."""
    rim = np.clip(seen.normal_z, 0.0, 1.0) ** np.float32(0.6)
    return lambert(seen.normal_x, seen.normal_y, seen.normal_z) * (0.74 + 0.26 * rim)


def glazed(seen: Turned, gloss: float) -> Plane:
    """Highlights of two soft boxes: a tall one on the left, a thin one on the right."""
    left = np.exp(-(((seen.normal_x + 0.56) / 0.11) ** 2))
    right = 0.45 * np.exp(-(((seen.normal_x - 0.8) / 0.06) ** 2))
    facing = np.exp(-((seen.normal_y / 0.75) ** 2))
    return np.asarray(gloss * (left + right) * facing, np.float32)


def wrap_artwork(
    canvas: Canvas,
    seen: Turned,
    artwork: Plane,
    *,
    top: float,
    bottom: float,
    width: float,
    turn: float,
    shade: Plane | float,
    gloss: Plane | float = 0.0,
) -> None:
    """Print artwork of `width` (fraction of the side, along the surface) between two heights."""
    u, _, _ = seen.wrapped(turn)
    down = (seen.height - np.float32(top)) / np.float32(bottom - top)
    colour, coverage = sample(artwork, u / np.float32(width) + 0.5, down)
    canvas.paint(seen.patch.faded(coverage), colour, shade, gloss)


def _index(height: Plane, top: float, scale: np.float32) -> NDArray[np.intp]:
    place = np.clip((height - np.float32(top)) * scale, 0, TABLE - 1)
    return np.asarray(place, np.intp)
