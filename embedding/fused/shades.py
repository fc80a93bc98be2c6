"""Exact shades: how much of a picture is of which narrow range of HSV."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CODE_VERSION = 1
"""Raised when the same pixels give another description."""

# 16 hues, 8 saturations, 8 values: each channel's 256 levels lose this many bits.
_HUE_BITS, _OTHER_BITS = 4, 5

SHADES = 1 << (24 - _HUE_BITS - 2 * _OTHER_BITS)

Floats = NDArray[np.float32]


def shades(pixels: NDArray[np.uint8]) -> Floats:
    """uint8 RGB (height, width, 3) -> float32 (SHADES,) of unit norm: the roots of their shares, so
    that the inner product of two is their Bhattacharyya coefficient.

    Ranges have hard borders, and the background counts. Beside a network that is an advantage:
    things that are merely of like colours get little, so that the network decides between them,
    and what is of the very same shades gets much. The smooth histogram of `colour` finds more
    alone, and beside a network lifts whatever is of like colour above the same thing in another
    one (docs/quality.md has both).
    """
    hsv = np.asarray(Image.fromarray(pixels).convert("HSV")).reshape(-1, 3)
    hue, saturation, value = hsv[:, 0] >> _HUE_BITS, hsv[:, 1] >> _OTHER_BITS, hsv[:, 2]
    levels = 256 >> _OTHER_BITS
    # The last two fit in a byte: narrow numbers are what makes this quick.
    place = hue.astype(np.uint16) * np.uint16(levels**2)
    place += saturation * np.uint8(levels) + (value >> _OTHER_BITS)
    counts = np.bincount(place, minlength=SHADES)
    return np.sqrt(counts / len(place)).astype(np.float32)
