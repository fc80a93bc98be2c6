"""S1's second baseline: which stripes and edges run through the salient points of a picture."""

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evaluation.baselines.part import Part, Table, Vectoriser
from evaluation.baselines.visual_words import fit_words

MOST_POINTS = 150
ORIENTATIONS = 6
WAVELENGTHS = (4.0, 6.0, 9.0, 13.0)
"""Pixels from stripe to stripe, of a picture of 256."""
SHARPNESSES = (0.4, 0.7)
"""Standard deviations of the Gaussian window, in wavelengths: how many stripes are asked for."""
WORDS = 256

_REACH = 15  # a filter sees 31 x 31 pixels


class GaborJets(Part):
    """Jets of Gabor magnitudes at salient points, as visual words.

    A jet holds the magnitudes of complex Gabor responses exp(-|x|^2 / 2 s^2) exp(2 pi i u.x) over
    angles, spacings and sharpness at one place (Lades et al. 1993, "Distortion Invariant Object
    Recognition in the Dynamic Link Architecture"), at unit norm, so that contrast does not count.
    Salient are corners by the lesser eigenvalue of the structure tensor (Shi & Tomasi 1994, "Good
    Features to Track").
    """

    name = "gabor-jets"
    columns = ORIENTATIONS * len(WAVELENGTHS) * len(SHARPNESSES)

    def __init__(self, words: int = WORDS) -> None:
        self._words = words

    @property
    def key(self) -> str:
        return f"gabor {MOST_POINTS} {ORIENTATIONS} {WAVELENGTHS} {SHARPNESSES} 1"

    def table(self, image: Image.Image) -> Table:
        """One row a point: orientations, in each the wavelengths, in each the sharpnesses."""
        grey = np.asarray(image.convert("L"))
        corners = cv2.goodFeaturesToTrack(
            grey, maxCorners=MOST_POINTS, qualityLevel=0.01, minDistance=4
        )
        if corners is None:
            return np.zeros((0, self.columns), np.float32)
        padded = np.pad(grey.astype(np.float32) / np.float32(255.0), _REACH, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * _REACH + 1,) * 2)
        columns, rows = np.rint(corners.reshape(-1, 2)).astype(np.int64).T
        patches = windows[rows, columns].reshape(len(rows), -1)
        even, odd = patches @ self._bank.real.T, patches @ self._bank.imag.T
        jets: Table = np.hypot(even, odd)
        jets /= np.maximum(np.linalg.norm(jets, axis=1, keepdims=True), np.float32(1e-6))
        return jets

    def fit(self, gallery: Sequence[Table]) -> Vectoriser:
        return fit_words(gallery, self._words)

    @cached_property
    def _bank(self) -> NDArray[np.complex64]:
        """(filters, 31 * 31). A flat patch has no response: each filter's mean is taken away."""
        y, x = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1].astype(np.float64)
        filters = []
        for turn in range(ORIENTATIONS):
            along = x * np.cos(np.pi * turn / ORIENTATIONS) + y * np.sin(
                np.pi * turn / ORIENTATIONS
            )
            for wavelength in WAVELENGTHS:
                for sharpness in SHARPNESSES:
                    spread = sharpness * wavelength
                    window = np.exp(-(x**2 + y**2) / (2 * spread**2))
                    window /= window.sum()
                    wave = np.exp(2j * np.pi * along / wavelength)
                    filters.append((window * (wave - (window * wave).sum())).ravel())
        return np.stack(filters).astype(np.complex64)
