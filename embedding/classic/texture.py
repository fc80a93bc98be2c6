"""Texture: which stripes, edges and grain a picture has, and where, by Gabor energies (S1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TextureParameters:
    """Lengths are pixels of the working picture; frequencies are cycles per window."""

    window: int = 32
    stride: int = 16
    orientations: int = 6
    shape_frequencies: tuple[float, ...] = (2.5, 6.0)
    """Bands told apart at every place of the grid."""
    shape_cells: int = 5
    """The grid is this many cells high and wide."""
    pattern_frequencies: tuple[float, ...] = (2.0, 3.0, 4.5, 6.75, 10.0, 14.0)
    """Finer bands, told apart for the picture as a whole: the spacing of stripes and checks."""
    octaves: float = 0.45
    """Standard deviation of a band, in octaves of frequency."""
    contrast_knee: float = 0.003
    """Energy (squared lightness) above which more contrast counts for less and less."""

    def __post_init__(self) -> None:
        if self.window < 4 or self.window % 2 or not 1 <= self.stride <= self.window:
            raise ValueError("window must be even and at least 4, stride within 1..window")
        if min(self.orientations, self.shape_cells) < 1:
            raise ValueError("orientations and shape_cells must be at least 1")
        if not self.shape_frequencies or not self.pattern_frequencies:
            raise ValueError("at least one frequency of each kind is needed")
        if min(*self.shape_frequencies, *self.pattern_frequencies, self.octaves) <= 0.0:
            raise ValueError("frequencies and octaves must be above 0")
        if self.contrast_knee <= 0.0:
            raise ValueError("contrast_knee must be above 0")


class TextureDescriptor:
    """Energies of a bank of Gabor filters in overlapping windows.

    By Parseval's theorem the energy of a filter's response over a window is the window's power
    spectrum times the filter's squared transfer function. So the whole bank (Manjunath & Ma 1996:
    Gaussians in orientation and in log frequency) is one matrix product after one small Fourier
    transform per window, and no response is ever computed in space.
    """

    def __init__(self, parameters: TextureParameters, side: int) -> None:
        """`side`: height and width of the working picture, in pixels."""
        self._parameters = parameters
        window = parameters.window
        taper = np.hanning(window + 2)[1:-1]
        self._taper = np.outer(taper, taper).astype(np.float32)
        self._taper /= self._taper.sum()
        self._windows: int = (side - window) // parameters.stride + 1
        self._cells = _soft_cells(self._windows, parameters.shape_cells)
        self._shape_bank = self._bank(parameters.shape_frequencies)
        self._pattern_bank = self._bank(parameters.pattern_frequencies)

    @property
    def shape_length(self) -> int:
        return int(self._parameters.shape_cells**2 * self._shape_bank.shape[1])

    @property
    def pattern_length(self) -> int:
        return int(self._pattern_bank.shape[1])

    def shape_and_pattern(self, lightness: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Lightness 0..1 (n, side, side), weights (n, any, any) of the same frame ->
        shape (n, shape_length) and pattern (n, pattern_length).

        Shape: rows of cells from the top, in each the cells from the left, in each the
        frequencies, in each the orientations. Pattern: frequencies, in each the orientations.
        Unit norm each, except that the vectors of a picture without any contrast are zero.
        """
        count, side = len(lightness), self._windows
        spectrum = self._power(lightness)
        energy = (spectrum @ self._shape_bank).reshape(count, side, side, -1)
        # Divisive normalisation: a soft fold and a sharp seam of equal course look alike.
        energy /= energy.sum(axis=-1, keepdims=True) + np.float32(self._parameters.contrast_knee)
        cells = np.einsum("cy,nyxk->ncxk", self._cells, energy, optimize=True)
        cells = np.einsum("dx,ncxk->ncdk", self._cells, cells, optimize=True)
        shape = np.sqrt(cells).reshape(count, -1)

        presence = self._per_window(weights).reshape(count, -1, 1)
        pattern = ((spectrum @ self._pattern_bank) * presence).mean(axis=1)
        pattern = np.sqrt(pattern)
        return _direction(shape), _direction(pattern)

    def _power(self, lightness: Floats) -> Floats:
        """Power spectra of all windows: (n, windows, window * (window // 2 + 1))."""
        window, stride = self._parameters.window, self._parameters.stride
        views = np.lib.stride_tricks.sliding_window_view(lightness, (window, window), axis=(1, 2))
        views = views[:, ::stride, ::stride]
        # The mean goes first: it would leak through the taper into the lowest band.
        mean = (views * self._taper).sum(axis=(-2, -1), keepdims=True)
        transform = np.fft.rfft2((views - mean) * self._taper)
        power = (transform.real**2 + transform.imag**2).astype(np.float32, copy=False)
        return power.reshape(len(lightness), self._windows**2, -1)

    def _per_window(self, weights: Floats) -> Floats:
        """Mean weight in each window: (n, windows, windows)."""
        scale = weights.shape[1] / (
            (self._windows - 1) * self._parameters.stride + self._parameters.window
        )
        window = round(self._parameters.window * scale)
        stride = round(self._parameters.stride * scale)
        views = np.lib.stride_tricks.sliding_window_view(weights, (window, window), axis=(1, 2))
        means: Floats = views[:, ::stride, ::stride].mean(axis=(-2, -1))
        return means

    def _bank(self, frequencies: tuple[float, ...]) -> Floats:
        """Squared transfer functions as columns: (window * (window // 2 + 1), filters)."""
        window, orientations = self._parameters.window, self._parameters.orientations
        rows = np.fft.fftfreq(window)[:, None] * window
        columns = np.fft.rfftfreq(window)[None, :] * window
        radius = np.hypot(rows, columns)
        angle = np.arctan2(rows, columns)
        octave = np.log2(np.maximum(radius, 1e-3))
        # The half spectrum of a real picture stands for both halves but on its two edges.
        both = np.full(columns.shape, 2.0)
        both[:, [0, -1]] = 1.0
        spread = np.pi / orientations / 1.6
        filters = []
        for frequency in frequencies:
            band = np.exp(-((octave - np.log2(frequency)) ** 2) / (2 * self._parameters.octaves**2))
            for turn in range(orientations):
                off = (angle - np.pi * turn / orientations + np.pi / 2) % np.pi - np.pi / 2
                filters.append((band * np.exp(-(off**2) / (2 * spread**2)) * both).ravel())
        return np.stack(filters, axis=1).astype(np.float32)


def _soft_cells(positions: int, cells: int) -> Floats:
    """(cells, positions): how much each position belongs to each cell; every row sums to 1."""
    place = np.clip((np.arange(positions) + 0.5) / positions * cells - 0.5, 0, cells - 1)
    membership = np.maximum(0.0, 1.0 - np.abs(place - np.arange(cells)[:, None]))
    membership /= membership.sum(axis=1, keepdims=True)
    return membership.astype(np.float32)


def _direction(energies: Floats) -> Floats:
    """Less the mean, then unit norm: what sets a picture apart, not how busy it is."""
    centred = energies - energies.mean(axis=1, keepdims=True)
    # Below this norm there is only the rounding of 8-bit pixels, which must not be blown up.
    direction: Floats = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-2)
    return direction
