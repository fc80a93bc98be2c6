"""S1's third baseline: which blobs a picture has, by their colours and shapes."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evaluation.baselines.colour_histogram import as_space, shares
from evaluation.baselines.part import Part, Table, Vectoriser
from evaluation.baselines.visual_words import fit_words

MOST_BLOBS = 150
COLOUR_BINS = (3, 4, 4)
MOMENTS = 4
SHAPE_WEIGHT = 0.25
"""Of shape beside colour: one unit of a moment's logarithm counts for this much."""
WORDS = 256

_LAB_RANGE = ((0, 256), (88, 168), (78, 178))
_LEAST_PIXELS = 30
_GREATEST_SHARE = 0.4
# With any more OpenCV passes over a blob of one shade on a plain ground.
_DIVERSITY = 0.0


class MserBlobs(Part):
    """Maximally stable extremal regions (Matas et al. 2002, "Robust Wide Baseline Stereo from
    Maximally Stable Extremal Regions"), as visual words.

    A blob is described by the roots of its shares of coarse CIELAB colours, and by the logarithms
    of its first moment invariants (Hu 1962, "Visual Pattern Recognition by Moment Invariants"),
    which know no place, size or turn. Of many blobs the largest count.
    """

    name = "mser-blobs"
    columns = int(np.prod(COLOUR_BINS)) + MOMENTS

    def __init__(self, words: int = WORDS) -> None:
        self._words = words

    @property
    def key(self) -> str:
        return (
            f"mser {MOST_BLOBS} {COLOUR_BINS} {_LAB_RANGE} {MOMENTS} {SHAPE_WEIGHT} {_DIVERSITY} 1"
        )

    def table(self, image: Image.Image) -> Table:
        """One row a blob, the largest first: colours, then moments."""
        lab = as_space(image, "lab")
        # A detector of its own for every call: the class does not promise to be shared.
        detector = cv2.MSER.create(
            min_area=_LEAST_PIXELS,
            max_area=int(_GREATEST_SHARE * image.width * image.height),
            min_diversity=_DIVERSITY,
        )
        if min(image.size) < 3:
            return np.zeros((0, self.columns), np.float32)
        regions, _ = detector.detectRegions(np.asarray(image.convert("L")))
        largest = sorted(regions, key=len, reverse=True)[:MOST_BLOBS]
        rows = [_row(np.asarray(region), lab) for region in largest]
        return np.stack(rows) if rows else np.zeros((0, self.columns), np.float32)

    def fit(self, gallery: Sequence[Table]) -> Vectoriser:
        return fit_words(gallery, self._words)


def _row(places: NDArray[np.int32], lab: NDArray[np.uint8]) -> NDArray[np.float32]:
    """`places`: (pixels, 2), x and y."""
    colours = np.sqrt(shares(lab[places[:, 1], places[:, 0]], COLOUR_BINS, _LAB_RANGE))
    invariants = hu_moments(places)[:MOMENTS]
    # Two shapes differ by the ratio of a moment, and its sign says mirrored from not.
    logarithms = np.log10(np.maximum(np.abs(invariants), 1e-6)) + 6.0
    shape = SHAPE_WEIGHT * np.sign(invariants) * logarithms / (1.0 + np.arange(MOMENTS))
    return np.concatenate([colours, shape]).astype(np.float32)


def hu_moments(places: NDArray[np.int32]) -> NDArray[np.float64]:
    """(7,): Hu's invariants of a region given by its pixels, (pixels, 2)."""
    corner = places.min(axis=0)
    mask = np.zeros(places.max(axis=0)[::-1] - corner[::-1] + 1, np.uint8)
    mask[places[:, 1] - corner[1], places[:, 0] - corner[0]] = 1
    return np.asarray(cv2.HuMoments(cv2.moments(mask, binaryImage=True)), np.float64).ravel()
