"""What is kept of a picture while it is compared with others: a plate, its layout, its features."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.images import DecodeLimits, decode
from embedding.points import LocalFeatures, local_features
from embedding.points.features import DESCRIPTOR_LENGTH

PLATE_SIDE = 128
"""Pixels of a plate's longer side; a smaller picture is not enlarged."""

LAYOUT_LENGTH = 143

_FEATURES = 250
_DECODED_SIDE = 320
_LAYOUT_PIXELS = 32
_LAYOUT_FREQUENCIES = 12
_UNIFORM = 1e-3
_DESCRIPTOR_SHAPE = (4, 4, 8)


@dataclass(frozen=True)
class Sketch:
    """`plate`: uint8 (height, width, 3), RGB. `features`: places in units of the longer side, so
    that sketches of one picture in two sizes agree. At most 83 kB."""

    plate: NDArray[np.uint8]
    features: LocalFeatures

    @cached_property
    def mirrored(self) -> "Sketch":
        """Of the picture seen in a mirror, exactly as to the plate, and without looking for
        features again: a mirrored SIFT descriptor holds the same numbers in another order.

        Its rows (across the keypoint's direction) stand upside down and its directions are
        negated: the reordering of MI-SIFT (Ma et al. 2010, "MI-SIFT: Mirror and Inversion
        Invariant Generalization for SIFT Descriptor").
        """
        width = self.plate.shape[1] / max(self.plate.shape[:2])
        points = self.features.points.copy()
        points[:, 0] = width - points[:, 0]
        tables = self.features.descriptors.reshape(-1, *_DESCRIPTOR_SHAPE)
        turned = tables[:, ::-1, :, -np.arange(_DESCRIPTOR_SHAPE[2])]
        return Sketch(
            np.ascontiguousarray(self.plate[:, ::-1]),
            LocalFeatures(
                points, np.ascontiguousarray(turned.reshape(len(points), DESCRIPTOR_LENGTH))
            ),
        )

    @cached_property
    def layout(self) -> NDArray[np.float32]:
        """float32 (143,), unit length: what is light and what is dark where, and no more.

        The 12 x 12 lowest frequencies of the discrete cosine transform of 32 x 32 grey pixels
        without the mean, as perceptual hashes take (Zauner 2010, 3.2.1), but as numbers, not as
        bits, so that an index of vectors finds the nearest. Brightness, contrast and size do not
        change it. The layout of a uniform picture points along the first axis.
        """
        grey = np.asarray(
            Image.fromarray(self.plate)
            .convert("L")
            .resize((_LAYOUT_PIXELS, _LAYOUT_PIXELS), Image.Resampling.BOX),
            dtype=np.float32,
        )
        frequencies = (_COSINES @ grey @ _COSINES.T).ravel()[1:]
        norm = float(np.linalg.norm(frequencies))
        if norm < _UNIFORM:
            frequencies = np.eye(1, LAYOUT_LENGTH, dtype=np.float32)[0]
            norm = 1.0
        unit: NDArray[np.float32] = (frequencies / norm).astype(np.float32)
        return unit


def sketched(image: Image.Image) -> Sketch:
    """An upright RGB picture of any size -> its sketch. Deterministic and thread-safe."""
    found = local_features(image)
    # Features lie in pixels of their own working picture, no longer than this.
    side = min(_DECODED_SIDE, max(image.size))
    strongest = LocalFeatures(
        found.points[:_FEATURES] / np.float32(side), found.descriptors[:_FEATURES]
    )
    return Sketch(_plate(image), strongest)


def sketched_file(content: bytes, limits: DecodeLimits) -> Sketch:
    """Of a picture file. Raises PictureError."""
    decoded = decode(content, limits=limits, target_side=1, target_long_side=_DECODED_SIDE)
    return sketched(decoded.image)


def _plate(image: Image.Image) -> NDArray[np.uint8]:
    scale = PLATE_SIDE / max(image.size)
    if scale < 1.0:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(image)


def _cosines() -> NDArray[np.float32]:
    """(12, 32): the lowest rows of the type-II transform."""
    places = (np.arange(_LAYOUT_PIXELS) + 0.5) / _LAYOUT_PIXELS
    rows = np.cos(np.pi * np.arange(_LAYOUT_FREQUENCIES)[:, None] * places)
    rows[0] /= np.sqrt(2.0)
    return rows.astype(np.float32)


_COSINES = _cosines()
