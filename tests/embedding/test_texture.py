"""Texture: two matrix products against one small Fourier transform per window."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embedding.classic.texture import TextureDescriptor, TextureParameters

SIDE, PART = 128, 64
PARAMETERS = TextureParameters()

Doubles = NDArray[np.float64]


def gabor_energies(window: Doubles, frequencies: tuple[float, ...]) -> list[float]:
    """Of one window: by frequency, and in each by orientation."""
    size, orientations = PARAMETERS.window, PARAMETERS.orientations
    taper = np.outer(np.hanning(size + 2)[1:-1], np.hanning(size + 2)[1:-1])
    taper /= taper.sum()
    power = np.abs(np.fft.rfft2((window - (window * taper).sum()) * taper)) ** 2
    power[:, 1:-1] *= 2  # the half spectrum stands for both
    down, right = np.fft.fftfreq(size)[:, None] * size, np.fft.rfftfreq(size)[None] * size
    octave = np.log2(np.maximum(np.hypot(down, right), 1e-3))
    angle = np.arctan2(down, right)
    energies = []
    for frequency in frequencies:
        band = np.exp(-0.5 * ((octave - np.log2(frequency)) / PARAMETERS.octaves) ** 2)
        for turn in range(orientations):
            off = (angle - np.pi * turn / orientations + np.pi / 2) % np.pi - np.pi / 2
            spread = np.pi / orientations / 1.6
            energies.append(float((power * band * np.exp(-0.5 * (off / spread) ** 2)).sum()))
    return energies


def naive(lightness: Doubles, weights: Doubles) -> tuple[Doubles, Doubles]:
    """Shape and pattern of one picture, window by window."""
    size, stride, cells = PARAMETERS.window, PARAMETERS.stride, PARAMETERS.shape_cells
    starts = range(0, SIDE - size + 1, stride)
    shape = np.zeros((cells, cells, len(PARAMETERS.shape_frequencies) * PARAMETERS.orientations))
    shares = np.zeros((cells, cells))
    patterns = []
    for top in starts:
        for left in starts:
            window = lightness[top : top + size, left : left + size]
            energy = np.array(gabor_energies(window, PARAMETERS.shape_frequencies))
            energy /= energy.sum() + PARAMETERS.contrast_knee
            down, right = (membership(start // stride, len(starts), cells) for start in (top, left))
            shape += np.multiply.outer(np.outer(down, right), energy)
            shares += np.outer(down, right)
            presence = weights[top // 2 : (top + size) // 2, left // 2 : (left + size) // 2].mean()
            patterns.append(
                presence * np.array(gabor_energies(window, PARAMETERS.pattern_frequencies))
            )
    pattern = np.sqrt(np.mean(patterns, axis=0))
    return direction(np.sqrt(shape / shares[..., None]).ravel()), direction(pattern)


def membership(window: int, windows: int, cells: int) -> Doubles:
    place = np.clip((window + 0.5) / windows * cells - 0.5, 0, cells - 1)
    return np.maximum(0.0, 1.0 - np.abs(place - np.arange(cells)))


def direction(energies: Doubles) -> Doubles:
    centred = energies - energies.mean()
    return centred / max(float(np.linalg.norm(centred)), 1e-2)


@pytest.mark.parametrize("contrast", [1.0, 0.02], ids=["strong", "faint"])
def test_energies_are_those_of_a_transform_per_window(contrast: float) -> None:
    random = np.random.default_rng(5)
    slope = np.add.outer(np.linspace(0, 0.6, SIDE), np.linspace(0.3, 0, SIDE))
    lightness = slope + contrast * 0.1 * random.random((SIDE, SIDE))
    weights = 0.2 + random.random((PART, PART))

    shape, pattern = TextureDescriptor(PARAMETERS, SIDE).shape_and_pattern(
        lightness[np.newaxis].astype(np.float32), weights[np.newaxis].astype(np.float32)
    )

    expected_shape, expected_pattern = naive(lightness, weights)
    np.testing.assert_allclose(shape[0], expected_shape, atol=2e-5)
    np.testing.assert_allclose(pattern[0], expected_pattern, atol=2e-5)
