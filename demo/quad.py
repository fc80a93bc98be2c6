"""Flat faces in space: a unit square seen as a convex quadrilateral, with artwork printed on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from demo.model import View
from demo.raster import Canvas, Patch, Plane, Points, fill

CAMERA: Final = 3.2
"""Distance of the eye in sides of the picture: long enough to look calm."""


@dataclass(frozen=True)
class Face:
    """What is seen of a face: its patch and, per pixel, where on the face it lies (0..1)."""

    patch: Patch
    across: Plane
    down: Plane


def face(side: int, corners: ArrayLike) -> Face:
    """A face from its corners: top left, top right, bottom right, bottom left, (4, 2)."""
    quad = np.asarray(corners, np.float64)
    patch = fill(side, quad)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    matrix = _homography(quad, square).astype(np.float32)
    x, y = patch.grid()
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth
    down = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth
    return Face(patch, across, down)


def print_on(
    canvas: Canvas,
    seen: Face,
    artwork: Plane,
    shade: Plane | float = 1.0,
    *,
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
) -> None:
    """Print artwork (height, width, 4) on the face, in the box left, top, right, bottom."""
    left, top, right, bottom = box
    colour, coverage = sample(
        artwork, (seen.across - left) / (right - left), (seen.down - top) / (bottom - top)
    )
    canvas.paint(seen.patch.faded(coverage), colour, shade)


def sample(artwork: Plane, across: Plane, down: Plane) -> tuple[Plane, Plane]:
    """Bilinear look-up at 0..1 coordinates: colour (..., 3) and coverage, 0 off the artwork."""
    colour = np.zeros((*across.shape, 3), np.float32)
    coverage = np.zeros(across.shape, np.float32)
    margin = np.float32(0.02)
    near = (np.abs(across - 0.5) < 0.5 + margin) & (np.abs(down - 0.5) < 0.5 + margin)
    colour[near], coverage[near] = _looked_up(artwork, across[near], down[near])
    return colour, coverage


def _looked_up(artwork: Plane, across: Plane, down: Plane) -> tuple[Plane, Plane]:
    tall, wide = artwork.shape[:2]
    x, y = across * wide - 0.5, down * tall - 0.5
    column = np.clip(np.floor(x), 0, wide - 2).astype(np.intp)
    row = np.clip(np.floor(y), 0, tall - 2).astype(np.intp)
    share_x = np.clip(x - column, 0.0, 1.0).astype(np.float32)[..., None]
    share_y = np.clip(y - row, 0.0, 1.0).astype(np.float32)[..., None]
    flat = artwork.reshape(-1, 4)
    corner = row * wide + column
    upper = flat[corner] * (1 - share_x) + flat[corner + 1] * share_x
    lower = flat[corner + wide] * (1 - share_x) + flat[corner + wide + 1] * share_x
    texel = upper * (1 - share_y) + lower * share_y
    inside_x = np.clip(np.minimum(x + 1.0, wide - x), 0.0, 1.0)
    inside_y = np.clip(np.minimum(y + 1.0, tall - y), 0.0, 1.0)
    coverage = texel[..., 3] * inside_x * inside_y
    return texel[..., :3], np.asarray(coverage, np.float32)


def project(points: ArrayLike, view: View) -> Points:
    """Points (count, 3) around the origin, x right, y down, z towards the viewer -> (count, 2).

    The object is turned about its upright axis, then looked down on, then rolled.
    """
    space = np.asarray(points, np.float64)
    turn, tilt, roll = np.radians([view.turn, view.tilt, view.roll])
    x = space[:, 0] * np.cos(turn) + space[:, 2] * np.sin(turn)
    z = -space[:, 0] * np.sin(turn) + space[:, 2] * np.cos(turn)
    y = space[:, 1] * np.cos(tilt) + z * np.sin(tilt)
    z = z * np.cos(tilt) - space[:, 1] * np.sin(tilt)
    near = CAMERA / (CAMERA - z)
    x, y = x * near, y * near
    return np.stack(
        [
            0.5 + x * np.cos(roll) - y * np.sin(roll),
            0.5 + x * np.sin(roll) + y * np.cos(roll),
        ],
        axis=1,
    )


def normals(vectors: ArrayLike, view: View) -> Points:
    """Directions (count, 3) after turning and tilting, for light and visibility."""
    space = np.asarray(vectors, np.float64)
    turn, tilt = np.radians([view.turn, view.tilt])
    x = space[:, 0] * np.cos(turn) + space[:, 2] * np.sin(turn)
    z = -space[:, 0] * np.sin(turn) + space[:, 2] * np.cos(turn)
    y = space[:, 1] * np.cos(tilt) + z * np.sin(tilt)
    return np.stack([x, y, z * np.cos(tilt) - space[:, 1] * np.sin(tilt)], axis=1)


def laid_out(cutout: Plane, view: View) -> Plane:
    """A flat drawing (side, side, 4), premultiplied, seen under `view` as a sheet in space."""
    if not (view.turn or view.tilt or view.roll):
        return cutout
    side = cutout.shape[0]
    sheet = [(-0.5, -0.5, 0.0), (0.5, -0.5, 0.0), (0.5, 0.5, 0.0), (-0.5, 0.5, 0.0)]
    seen = project(sheet, view) * side
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * side
    return warped(cutout, _homography(seen, square))


def warped(
    cutout: Plane,
    matrix: Points,
    resampling: Image.Resampling = Image.Resampling.BICUBIC,
) -> Plane:
    """The cutout through a homography that takes result pixels to cutout pixels."""
    image = as_image(cutout)
    coefficients = (matrix / matrix[2, 2]).ravel()[:8].tolist()
    moved = image.transform(image.size, Image.Transform.PERSPECTIVE, coefficients, resampling)
    return np.asarray(moved, np.float32) / 255.0


def as_image(cutout: Plane) -> Image.Image:
    """A premultiplied cut-out as Pillow's premultiplied mode, which resamples without fringes."""
    eight_bit = np.round(np.clip(cutout, 0.0, 1.0) * np.float32(255)).astype(np.uint8)
    height, width = cutout.shape[:2]
    return Image.frombytes("RGBa", (width, height), eight_bit.tobytes())


def _homography(source: Points, target: Points) -> Points:
    """The (3, 3) matrix that takes four source points to four target points."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(values))
    matrix: Points = np.append(solved, 1.0).reshape(3, 3)
    return matrix
