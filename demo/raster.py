"""Anti-aliased drawing on small float canvases: outlines in, shaded and premultiplied RGBA out.

Coordinates are fractions of the picture's side: x to the right, y down, both 0..1, so every
shape is drawn the same at any size. Outlines are polygons, filled at four times the size and
averaged; colours, patterns and light are computed only inside an outline's bounding box.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

Plane = NDArray[np.floating[Any]]
"""Float32 arrays: (height, width) of coverage or light, or (height, width, channels)."""

Points = NDArray[np.float64]
"""Outline or line, (points, 2), in fractions of the side."""

OVERSAMPLING: Final = 4
SPAN_STEPS: Final = 14


@dataclass(frozen=True)
class Patch:
    """The part of a canvas an outline covers: coverage 0..1 and where its window starts."""

    side: int
    top: int
    left: int
    coverage: Plane

    def __post_init__(self) -> None:
        height, width = self.coverage.shape
        if self.top + height > self.side or self.left + width > self.side:
            raise ValueError("a patch lies inside its canvas")

    @property
    def rows(self) -> slice:
        return slice(self.top, self.top + self.coverage.shape[0])

    @property
    def columns(self) -> slice:
        return slice(self.left, self.left + self.coverage.shape[1])

    def grid(self) -> tuple[Plane, Plane]:
        """x as (1, width) and y as (height, 1) of the pixel centres; they broadcast."""
        height, width = self.coverage.shape
        x = (np.arange(width, dtype=np.float32) + (self.left + 0.5)) / self.side
        y = (np.arange(height, dtype=np.float32) + (self.top + 0.5)) / self.side
        return x[None, :], y[:, None]

    def faded(self, strength: Plane | float) -> "Patch":
        """The same patch with its coverage multiplied by `strength`."""
        coverage = np.asarray(self.coverage * strength, dtype=np.float32)
        return Patch(self.side, self.top, self.left, coverage)


class Canvas:
    """A transparent square picture, painted part by part from the back to the front."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.rgba: Plane = np.zeros((side, side, 4), np.float32)

    def paint(
        self,
        patch: Patch,
        colour: ArrayLike,
        shade: Plane | float = 1.0,
        gloss: Plane | float = 0.0,
    ) -> None:
        """Lay `colour * shade + gloss` over what is there.

        `colour`: (3,) or (height, width, 3) of the patch, 0..1. `shade` and `gloss`: numbers or
        (height, width).
        """
        shade_plane = np.asarray(shade, np.float32)[..., None]
        gloss_plane = np.asarray(gloss, np.float32)[..., None]
        lit = np.clip(np.asarray(colour, np.float32) * shade_plane + gloss_plane, 0.0, 1.0)
        self.blend(patch.rows, patch.columns, lit, patch.coverage)

    def blend(self, rows: slice, columns: slice, colour: Plane, coverage: Plane) -> None:
        """Source-over of `colour` (not premultiplied) by `coverage` in one window."""
        window = self.rgba[rows, columns]
        window *= (1.0 - coverage)[..., None]
        window[..., :3] += colour * coverage[..., None]
        window[..., 3] += coverage

    def multiply(self, patch: Patch, factor: Plane | float) -> None:
        """Darken or lighten what is painted under the patch by `factor`, where it covers."""
        change = 1.0 + patch.coverage * (np.asarray(factor, np.float32) - 1.0)
        self.rgba[patch.rows, patch.columns, :3] *= change[..., None]

    def mirror(self) -> None:
        """Turn what is painted so far left to right."""
        self.rgba = np.ascontiguousarray(self.rgba[:, ::-1])

    def premultiplied(self) -> Plane:
        """(side, side, 4) float32, colours already multiplied by alpha, 0..1."""
        return np.clip(self.rgba, 0.0, 1.0)


def curve(points: Sequence[Sequence[float]], *, closed: bool = True) -> Points:
    """A smooth line through `points`, each (x, y) or (x, y, 1) for a sharp corner.

    Catmull-Rom spans (centripetal, so that they never loop) between the points; a span's end at
    a corner takes no direction from beyond it.
    """
    count = len(points)
    spots = np.array([point[:2] for point in points], dtype=np.float64)
    sharp = [len(point) > 2 and bool(point[2]) for point in points]
    spans = []
    for start in range(count if closed else count - 1):
        end = (start + 1) % count
        first, last = spots[start], spots[end]
        before = spots[start - 1] if (closed or start) and not sharp[start] else 2 * first - last
        has_next = closed or end + 1 < count
        after = spots[(end + 1) % count] if has_next and not sharp[end] else 2 * last - first
        if sharp[start] and sharp[end]:
            spans.append(first[None, :])
        else:
            spans.append(_span(before, first, last, after))
    if not closed:
        spans.append(spots[-1][None, :])
    return np.vstack(spans)


def _span(before: Points, first: Points, last: Points, after: Points) -> Points:
    def knot(a: Points, b: Points) -> float:
        return float(np.sqrt(max(float(np.linalg.norm(b - a)), 1e-12)))

    d0, d1, d2 = knot(before, first), knot(first, last), knot(last, after)
    leaving = (first - before) / d0 - (last - before) / (d0 + d1) + (last - first) / d1
    arriving = (last - first) / d1 - (after - first) / (d1 + d2) + (after - last) / d2
    t = (np.arange(SPAN_STEPS) / SPAN_STEPS)[:, None]
    squared, cubed = t * t, t * t * t
    points: Points = (
        (2 * cubed - 3 * squared + 1) * first
        + (cubed - 2 * squared + t) * leaving * d1
        + (3 * squared - 2 * cubed) * last
        + (cubed - squared) * arriving * d1
    )
    return points


def symmetric(points: Sequence[Sequence[float]], axis: float = 0.5) -> Points:
    """A closed curve from its right half, given from the top to the bottom."""
    left = [(2 * axis - point[0], *point[1:]) for point in reversed(points) if point[0] != axis]
    return curve([*points, *left])


def ellipse(x: float, y: float, across: float, down: float) -> Points:
    """Outline of an axis-parallel ellipse with the two half-axes."""
    angle = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], axis=1)


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Points:
    """Outline of a rectangle with round corners."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    quarter = np.linspace(0.0, np.pi / 2, 10)
    corners = [
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, np.pi / 2),
        (left + radius, top + radius, np.pi),
        (right - radius, top + radius, 3 * np.pi / 2),
    ]
    return np.vstack(
        [
            np.stack(
                [x + radius * np.cos(quarter + turn), y + radius * np.sin(quarter + turn)], axis=1
            )
            for x, y, turn in corners
        ]
    )


def fill(side: int, *outlines: ArrayLike, holes: Iterable[ArrayLike] = ()) -> Patch:
    """The patch covered by any of the outlines and by none of the holes."""
    polygons = [np.asarray(outline, np.float64) for outline in outlines]
    top, left, bottom, right = _window(side, polygons, 0.0)
    image, draw = _oversampled(top, left, bottom, right)
    for polygon in polygons:
        draw.polygon(_scaled(polygon, side, top, left), fill=255)
    for hole in holes:
        draw.polygon(_scaled(np.asarray(hole, np.float64), side, top, left), fill=0)
    return _patch(side, top, left, image)


def stroke(side: int, line: ArrayLike, width: float) -> Patch:
    """The patch covered by a round-ended pen of `width` drawn along `line`."""
    points = np.asarray(line, np.float64)
    top, left, bottom, right = _window(side, [points], width)
    image, draw = _oversampled(top, left, bottom, right)
    scaled = _scaled(points, side, top, left)
    pen = width * side * OVERSAMPLING
    draw.line(scaled, fill=255, width=max(1, round(pen)), joint="curve")
    for x, y in (scaled[0], scaled[-1]):
        draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return _patch(side, top, left, image)


def clipped(patch: Patch, within: Patch) -> Patch:
    """`patch` where `within` also covers."""
    full = np.zeros((patch.side, patch.side), np.float32)
    full[within.rows, within.columns] = within.coverage
    return patch.faded(full[patch.rows, patch.columns])


def _window(side: int, polygons: list[Points], margin: float) -> tuple[int, int, int, int]:
    everything = np.vstack(polygons)
    low = np.floor((everything.min(axis=0) - margin) * side).astype(int) - 1
    high = np.ceil((everything.max(axis=0) + margin) * side).astype(int) + 1
    left, top = (int(value) for value in np.clip(low, 0, side - 1))
    right, bottom = (int(value) for value in np.clip(high, 1, side))
    return top, left, max(bottom, top + 1), max(right, left + 1)


def _oversampled(
    top: int, left: int, bottom: int, right: int
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", ((right - left) * OVERSAMPLING, (bottom - top) * OVERSAMPLING))
    return image, ImageDraw.Draw(image)


def _scaled(points: Points, side: int, top: int, left: int) -> list[tuple[float, float]]:
    scaled = (points * side - (left, top)) * OVERSAMPLING
    return [(float(x), float(y)) for x, y in scaled]


def _patch(side: int, top: int, left: int, image: Image.Image) -> Patch:
    coverage = np.asarray(image.reduce(OVERSAMPLING), np.float32) / 255.0
    return Patch(side, top, left, coverage)
