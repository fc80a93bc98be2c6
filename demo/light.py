"""Light on surfaces: one key light from the upper left, soft boxes for what is glazed.

Every function returns multipliers around 1 (a surface that faces the viewer keeps its colour)
or additive highlights around 0, so shapes combine them as they like.
"""

from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image

from demo.raster import Patch, Plane

KEY_LIGHT: Final = (-0.46, -0.56, 0.69)
"""Direction towards the light: x right, y down, z towards the viewer."""

COARSE: Final = 4


def lambert(normal_x: Plane, normal_y: Plane, normal_z: Plane) -> Plane:
    """Soft diffuse light on unit normals, 1 where the surface faces the viewer."""
    facing: Plane = normal_x * KEY_LIGHT[0] + normal_y * KEY_LIGHT[1] + normal_z * KEY_LIGHT[2]
    wrapped = np.clip((facing + 0.32) / (KEY_LIGHT[2] + 0.32), 0.0, None)
    return np.asarray(0.4 + 0.6 * wrapped, np.float32)


def puffed(patch: Patch, depth: float, *, softness: float = 0.06, edge: float = 0.18) -> Plane:
    """Light on the patch as if stuffed: it rises `depth` from its edge over about `softness`.

    `edge` darkens the rim, where a stuffed thing turns away. Shape of the patch.
    """
    coarse = _shrunk(patch.coverage, COARSE)
    pixel = COARSE / patch.side
    near = _soften(coarse, softness * 0.45 / pixel)
    height = depth * np.sqrt(np.clip(near, 0.0, 1.0) * _soften(coarse, softness / pixel))
    slope_y, slope_x = np.gradient(height, pixel)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1.0)
    light = lambert(-slope_x / length, -slope_y / length, 1.0 / length)
    light *= 1.0 - edge * np.clip(1.35 - 1.35 * near, 0.0, 1.0)
    return _grown(light, patch.coverage.shape)


def folds(patch: Patch, rng: Generator, *, strength: float = 0.1, slant: float = 0.3) -> Plane:
    """Light on hanging cloth: long soft creases that run down, leaning by `slant`."""
    height, width = patch.coverage.shape
    x = np.linspace(0.0, width / patch.side, 96)[None, :]
    y = np.linspace(0.0, height / patch.side, 96)[:, None]
    light = np.zeros((96, 96))
    for _ in range(5):
        lean = slant * rng.uniform(-1.0, 1.0)
        wave = rng.uniform(5.0, 14.0) * (x + lean * y + 0.03 * np.sin(9 * y + rng.uniform(0, 6)))
        fade = 0.5 + 0.5 * np.sin(rng.uniform(3.0, 7.0) * y + rng.uniform(0.0, 6.0))
        light += np.sin(2 * np.pi * (wave + rng.uniform())) * fade / 3.2
    return _grown((1.0 + strength * light).astype(np.float32), (height, width))


def grain(patch: Patch, rng: Generator, strength: float = 0.02) -> Plane:
    """The fine unevenness of cloth, felt or unglazed clay."""
    noise = rng.standard_normal(patch.coverage.shape, dtype=np.float32)
    return np.asarray(1.0 + strength * noise, np.float32)


def soft_noise(rng: Generator, height: int, width: int, cells: tuple[int, int]) -> Plane:
    """Smooth noise -1..1 with about `cells` (down, across) bumps."""
    coarse = rng.uniform(-1.0, 1.0, (cells[0] + 1, cells[1] + 1)).astype(np.float32)
    return _grown(coarse, (height, width))


def _soften(plane: Plane, radius: float) -> Plane:
    """Three box blurs, which is near enough to a Gaussian of that radius."""
    reach = max(1, round(radius))
    width = 2 * reach + 1
    soft = np.pad(plane.astype(np.float64), 3 * reach)
    for _ in range(3):
        down = np.cumsum(np.pad(soft, ((1, 0), (0, 0))), axis=0)
        soft = (down[width:] - down[:-width]) / width
        across = np.cumsum(np.pad(soft, ((0, 0), (1, 0))), axis=1)
        soft = (across[:, width:] - across[:, :-width]) / width
    return soft.astype(np.float32)


def _shrunk(plane: Plane, factor: int) -> Plane:
    height, width = plane.shape
    size = max(2, -(-width // factor)), max(2, -(-height // factor))
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX), np.float32)


def _grown(plane: Plane, shape: tuple[int, ...]) -> Plane:
    size = shape[1], shape[0]
    picture = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.float32)
