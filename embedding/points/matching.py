"""How many features of two pictures agree, in looks and in place; and whether that is chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.points.features import LocalFeatures

VERIFIED = 0.5
"""From this score on two pictures show the same thing (see `PointMatch.score`)."""

RATIO = 0.8
"""A match is kept when its distance is below this part of the next best's (Lowe 2004, 7.1)."""

TOLERANCE = 5.0
"""Pixels of the working picture by which a match may miss its place: wide, so that a turn of the
whole picture in depth, which the map of places does not know, is borne."""

FEWEST_FEATURES = 4
LARGEST_SCALE = 10.0

# Brown & Lowe 2007, equation 9: a match is verified when its inliers exceed this many, plus this
# many for each feature that was compared.
_FEWEST_INLIERS = 5.9
_INLIERS_PER_MATCH = 0.22

_ITERATIONS = 2000
_CONFIDENCE = 0.999


@dataclass(frozen=True)
class PointMatch:
    """What two pictures have in common, feature by feature.

    `matches`: features that look alike in both. `inliers`: those of them whose places agree.
    `features`: how many each picture has. `reason`: one or more full sentences that say why
    nothing could be matched, else None.
    """

    inliers: int
    matches: int
    features: tuple[int, int]
    reason: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.inliers <= self.matches <= min(self.features):
            raise ValueError(
                f"{self.inliers} inliers of {self.matches} matches of {self.features} features"
            )

    @property
    def score(self) -> float:
        """0..1, rising with the inliers and falling with the matches that disagree.

        Brown & Lowe 2007 ("Automatic Panoramic Image Stitching using Invariant Features", section
        3.2) model inliers as trials that succeed far oftener between pictures of one scene than by
        chance, and accept them when n_i > 5.9 + 0.22 n_f, of n_i inliers among n_f matches. With
        o = n_f - n_i that is n_i > limit(o) = (5.9 + 0.22 o) / 0.78, and the score is
        n_i / (n_i + limit(o)): 0.5 at their limit, near 1 for many inliers, 0 for none.
        """
        others = self.matches - self.inliers
        limit = (_FEWEST_INLIERS + _INLIERS_PER_MATCH * others) / (1.0 - _INLIERS_PER_MATCH)
        return self.inliers / (self.inliers + limit)


def match_points(first: LocalFeatures, second: LocalFeatures) -> PointMatch:
    """Match the features of two pictures. Deterministic and thread-safe; never refuses.

    Matches are mutual nearest neighbours that pass Lowe's ratio test; their places must agree by
    one turn, scale and shift (RANSAC: Fischler & Bolles 1981). Good for identical printed things
    and for edited copies (turned, cropped, resized, compressed, partly hidden, pasted elsewhere).
    It sees neither that two things are of a kind nor things without texture, hardly the same
    thing from another side, and a mirrored picture only as far as it is its own mirror image.
    """
    features = (len(first), len(second))
    if reason := _too_plain(features):
        return PointMatch(0, 0, features, reason)
    mine, theirs = mutual_matches(first.descriptors, second.descriptors)
    inliers = _agreeing(first.points[mine], second.points[theirs])
    reason = None if inliers else "No features of the two pictures agree in looks and in place."
    return PointMatch(inliers, len(mine), features, reason)


def _too_plain(features: tuple[int, int]) -> str | None:
    plain = [
        f"The {which} picture is too plain to be matched by points ({count} local features, "
        f"{FEWEST_FEATURES} are needed)."
        for which, count in zip(("first", "second"), features, strict=True)
        if count < FEWEST_FEATURES
    ]
    return " ".join(plain) or None


def mutual_matches(
    first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in `first` and in `second` of features that match, one to one."""
    distances = _squared_distances(first, second)
    nearest = distances.argmin(axis=1)
    mine = np.arange(len(first))
    best = distances[mine, nearest]
    next_best = np.partition(distances, 1, axis=1)[:, 1]
    kept = (best < RATIO**2 * next_best) & (distances.argmin(axis=0)[nearest] == mine)
    return mine[kept], nearest[kept]


def _squared_distances(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(features, features). Whole numbers below 2^24, so float32 is exact in any order of sums."""
    left, right = first.astype(np.float32), second.astype(np.float32)
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)
    distances: NDArray[np.float32] = squares - 2.0 * (left @ right.T)
    return distances


def _agreeing(first: NDArray[np.float32], second: NDArray[np.float32]) -> int:
    """How many of the places, (matches, 2) each, one similarity transform maps onto the other.

    A full homography was tried: it finds no more copies, and lets chance agree more often.
    """
    if len(first) < FEWEST_FEATURES:
        return 0
    import cv2

    # OpenCV draws its samples from a generator that it seeds anew in every call.
    transform, inliers = cv2.estimateAffinePartial2D(
        first,
        second,
        method=cv2.RANSAC,
        ransacReprojThreshold=TOLERANCE,
        maxIters=_ITERATIONS,
        confidence=_CONFIDENCE,
    )
    if transform is None:
        return 0
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    # All of a picture shrunk to a point "agrees" with anything.
    if not 1.0 / LARGEST_SCALE <= scale <= LARGEST_SCALE:
        return 0
    return int(np.count_nonzero(inliers))
