"""Local features of a picture: the places that can be found again, and how each looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.images import DecodeLimits
from embedding.regions import Region, decode_region

WORKING_SIDE = 320
"""Pixels of the longer side; a smaller picture is not enlarged. Of the sizes tried from 256 to
512, larger ones took two to three times as long and told no more copies from strangers."""

MOST_FEATURES = 500
"""Of a picture with more, those of the greatest contrast count: time and memory are bounded."""

DESCRIPTOR_LENGTH = 128

# A quarter of the customary threshold: plain products have little else to be known by.
_CONTRAST_THRESHOLD = 0.01
# The norm of a descriptor: its components then fill 8 bits; the rare one above is cut.
_SCALE = 512.0


@dataclass(frozen=True)
class LocalFeatures:
    """Features of one picture, those that stand out most first; there may be none.

    `points`: float32 (features, 2), x from the left and y from the top, in pixels of the working
    picture. `descriptors`: uint8 (features, 128). A picture takes at most 68 kB.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.points.shape != (len(self.points), 2):
            raise ValueError(f"points have shape {self.points.shape}, not (features, 2)")
        if self.descriptors.shape != (len(self.points), DESCRIPTOR_LENGTH):
            raise ValueError(
                f"descriptors have shape {self.descriptors.shape}, not "
                f"({len(self.points)}, {DESCRIPTOR_LENGTH})"
            )

    def __len__(self) -> int:
        return len(self.points)


def local_features(image: Image.Image) -> LocalFeatures:
    """The features of an upright RGB picture of any size. Deterministic and thread-safe.

    SIFT (Lowe 2004, "Distinctive Image Features from Scale-Invariant Keypoints") with the root of
    L1-normalised histograms as descriptors (RootSIFT: Arandjelovic & Zisserman 2012, "Three things
    everyone should know to improve object retrieval"), in 8 bits: distances of whole numbers are
    exact, so that they are the same on every machine.
    """
    # Here, since it takes 17 MB and a twentieth of a second, and most processes match no points.
    import cv2

    # A detector of its own for every call: the class does not promise to be shared.
    detector = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=_CONTRAST_THRESHOLD)
    keypoints, histograms = detector.detectAndCompute(_working_grey(image), None)
    if histograms is None or not len(keypoints):
        return LocalFeatures(
            np.zeros((0, 2), np.float32), np.zeros((0, DESCRIPTOR_LENGTH), np.uint8)
        )
    # OpenCV gives a few more than asked for where several are equally strong.
    strongest = np.argsort([-each.response for each in keypoints], kind="stable")[:MOST_FEATURES]
    points = np.array([each.pt for each in keypoints], dtype=np.float32)[strongest]
    return LocalFeatures(points, _rooted(np.asarray(histograms, np.float32)[strongest]))


def decoded_features(
    content: bytes, limits: DecodeLimits, region: Region | None = None
) -> LocalFeatures:
    """The features of a picture file, or of a region of it, decoded no larger than needed.

    Raises PictureError, RegionInvalid.
    """
    image = decode_region(
        content, region, limits=limits, target_side=1, target_long_side=WORKING_SIDE
    )
    return local_features(image)


def _working_grey(image: Image.Image) -> NDArray[np.uint8]:
    scale = WORKING_SIDE / max(image.size)
    if scale < 1.0:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(image.convert("L"))


def _rooted(histograms: NDArray[np.float32]) -> NDArray[np.uint8]:
    shares = histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1.0)
    rooted: NDArray[np.uint8] = np.minimum(np.rint(_SCALE * np.sqrt(shares)), 255.0).astype(
        np.uint8
    )
    return rooted
