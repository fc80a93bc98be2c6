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
    Gaussians in orientation and in log frequency) is one matrix product after the spectra, and no
    response is ever computed in space.

    The spectra of all windows are two matrix products themselves. A Fourier transform takes rows
    and columns one after the other, and neighbouring windows share both: with W the waves of every
    window of a line, W P W^T holds every window's transform of the picture P. It is four times the
    arithmetic of small transforms, window by window, and a fifth of their time.
    """

    def __init__(self, parameters: TextureParameters, side: int) -> None:
        """`side`: height and width of the working picture, in pixels."""
        self._parameters = parameters
        self._windows: int = (side - parameters.window) // parameters.stride + 1
        self._waves = _windowed_waves(parameters, side, self._windows)
        leak = self._waves[: parameters.window // 2 + 1].sum(axis=1)
        self._leak = np.multiply.outer(leak, leak)[:, np.newaxis]
        self._boxes = _windows_alone(parameters, side, self._windows)
        cells = _soft_cells(self._windows, parameters.shape_cells)
        self._cells = np.kron(cells, cells)
        self._shape_bank = self._bank(parameters.shape_frequencies)
        self._pattern_bank = self._bank(parameters.pattern_frequencies)

    @property
    def shape_length(self) -> int:
        return int(self._parameters.shape_cells**2 * self._shape_bank.shape[1])

    @property
    def pattern_length(self) -> int:
        return int(self._pattern_bank.shape[1])

    def shape_and_pattern(self, lightness: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Lightness 0..1 (n, side, side), weights (n, part, part) of the same frame, side a
        multiple of part -> shape (n, shape_length) and pattern (n, pattern_length).

        Shape: rows of cells from the top, in each the cells from the left, in each the
        frequencies, in each the orientations. Pattern: frequencies, in each the orientations.
        Unit norm each, except that the vectors of a picture without any contrast are zero.
        """
        spectra = self._power(lightness)
        energy = spectra @ self._shape_bank
        # Divisive normalisation: a soft fold and a sharp seam of equal course look alike.
        energy /= energy.sum(axis=-1, keepdims=True) + np.float32(self._parameters.contrast_knee)
        shape = np.sqrt(self._cells @ energy).reshape(len(lightness), -1)

        presence = self._per_window(weights).reshape(len(lightness), 1, -1)
        pattern = presence @ (spectra @ self._pattern_bank) / np.float32(self._windows**2)
        return _direction(shape), _direction(np.sqrt(pattern[:, 0]))

    def _power(self, lightness: Floats) -> Floats:
        """Power spectra of all windows: (n, windows, 2 * half * half), `half` being the frequencies
        from 0 to that of Nyquist. First downward and rightward waves, then upward and rightward
        ones; in each by frequency down, in each by frequency to the right."""
        count, windows, half = len(lightness), self._windows, self._parameters.window // 2 + 1
        line = windows * half
        products = (self._waves @ lightness @ self._waves.T).reshape(count, 2, line, 2, line)
        both_even, even_odd = products[:, 0, :, 0], products[:, 0, :, 1]
        odd_even, both_odd = products[:, 1, :, 0], products[:, 1, :, 1]
        # A window's mean goes, which the taper spreads over the lowest waves; odd ones have none.
        by_window = both_even.reshape(count, windows, half, windows, half)
        by_window -= by_window[:, :, :1, :, :1] * self._leak
        # cos(a + b) and sin(a + b) of the two directions, and those of their difference.
        power = np.empty((2, count, line, line), dtype=np.float32)
        power[0] = (both_even - both_odd) ** 2 + (even_odd + odd_even) ** 2
        power[1] = (both_even + both_odd) ** 2 + (even_odd - odd_even) ** 2
        power = power.reshape(2, count, windows, half, windows, half)
        return power.transpose(1, 2, 4, 0, 3, 5).reshape(count, windows**2, -1)

    def _per_window(self, weights: Floats) -> Floats:
        """Mean weight in each window: (n, windows, windows)."""
        boxes = self._boxes.reshape(self._windows, weights.shape[1], -1).sum(axis=2)
        means: Floats = boxes @ weights @ boxes.T
        return means

    def _bank(self, frequencies: tuple[float, ...]) -> Floats:
        """Squared transfer functions as columns, in the order of `_power`: (2 * half * half,
        filters)."""
        window, orientations = self._parameters.window, self._parameters.orientations
        down = np.arange(window // 2 + 1)
        rows = np.stack([down, -down])[:, :, np.newaxis]
        columns = down.astype(np.float64)
        radius = np.hypot(rows, columns)
        angle = np.arctan2(rows, columns)
        octave = np.log2(np.maximum(radius, 1e-3))
        # The half spectrum of a real picture stands for both halves but on its two edges; and of
        # the lowest and the highest row, where down and up are one, only one counts.
        times = np.full(radius.shape, 2.0)
        times[:, :, [0, -1]] = 1.0
        times[[1, 0], [0, -1]] = 0.0
        spread = np.pi / orientations / 1.6
        filters = []
        for frequency in frequencies:
            band = np.exp(-((octave - np.log2(frequency)) ** 2) / (2 * self._parameters.octaves**2))
            for turn in range(orientations):
                off = (angle - np.pi * turn / orientations + np.pi / 2) % np.pi - np.pi / 2
                filters.append((band * np.exp(-(off**2) / (2 * spread**2)) * times).ravel())
        return np.stack(filters, axis=1).astype(np.float32)


def _windowed_waves(parameters: TextureParameters, side: int, windows: int) -> Floats:
    """(2 * windows * half, side): the even waves of every window along a line, tapered, and then
    the odd ones; in each the windows, in each the frequencies from 0 to that of Nyquist.

    Even and odd about the middle of their window, whose taper sums to 1.
    """
    window, half = parameters.window, parameters.window // 2 + 1
    taper = np.hanning(window + 2)[1:-1]
    place = np.arange(window) - (window - 1) / 2
    phase = 2 * np.pi / window * np.multiply.outer(np.arange(half), place)
    pieces = np.stack([np.cos(phase), np.sin(phase)]) * taper / taper.sum()
    waves = np.zeros((2, windows, half, side))
    for number in range(windows):
        start = number * parameters.stride
        waves[:, number, :, start : start + window] = pieces
    return waves.reshape(-1, side).astype(np.float32)


def _windows_alone(parameters: TextureParameters, side: int, windows: int) -> Floats:
    """(windows, side): what takes the mean of every window along a line."""
    boxes = np.zeros((windows, side), dtype=np.float32)
    for number in range(windows):
        start = number * parameters.stride
        boxes[number, start : start + parameters.window] = 1.0 / parameters.window
    return boxes


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
