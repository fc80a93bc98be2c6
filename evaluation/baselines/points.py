"""S4's point-wise matching as a contender: every pair of pictures is matched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedding.images import DecodeLimits
from embedding.points import LocalFeatures, decoded_features, match_points
from evaluation.contenders import Contender, Description, Scorer

_POINT_BYTES = 8


class PointMatching(Contender):
    """Scores are `PointMatch.score`. A query takes milliseconds for each picture of the gallery:
    for galleries of hundreds."""

    name = "points"
    key = "points 1"
    bytes_per_picture = None

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits

    def describe(self, content: bytes) -> NDArray[np.uint8]:
        """uint8 (features, 8 + 128): x and y as float32, then the descriptor."""
        found = decoded_features(content, self._limits)
        points = np.ascontiguousarray(found.points).view(np.uint8).reshape(-1, _POINT_BYTES)
        return np.concatenate([points, found.descriptors], axis=1)

    def index(self, gallery: Sequence[Description]) -> Scorer:
        theirs = [_features(each) for each in gallery]

        def score(queries: Sequence[Description]) -> NDArray[np.float32]:
            return np.array(
                [
                    [match_points(mine, each).score for each in theirs]
                    for mine in map(_features, queries)
                ],
                dtype=np.float32,
            )

        return score


def _features(table: NDArray[np.uint8]) -> LocalFeatures:
    points = np.ascontiguousarray(table[:, :_POINT_BYTES]).view(np.float32)
    return LocalFeatures(points.reshape(-1, 2), np.ascontiguousarray(table[:, _POINT_BYTES:]))
