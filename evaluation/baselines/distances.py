"""Other distances between the vectors of a model (S1: Euclidean or cosine; S3: fractional)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Contender, Description, Scorer


class MinkowskiDistance(Contender):
    """The vectors of another contender, by (sum_i |q_i - g_i|^p)^(1/p), negated.

    p = 2 is the Euclidean distance, which ranks vectors of unit norm exactly as their cosine does.
    p < 1 is "fractional": no metric, but its contrast between near and far is said to last longer
    in high dimensions (Aggarwal, Hinneburg & Keim 2001, "On the Surprising Behavior of Distance
    Metrics in High Dimensional Space"; S3). The p-th root keeps the order and is taken for the
    readers of scores.
    """

    def __init__(self, contender: Contender, p: float) -> None:
        """`contender` describes by vectors of one length. Raises ValueError unless p > 0."""
        if not p > 0.0:
            raise ValueError(f"p is {p}; it must be above 0")
        self._contender = contender
        self._p = p

    @property
    def name(self) -> str:
        return f"{self._contender.name}:l{self._p:g}"

    @property
    def key(self) -> str:
        return self._contender.key

    @property
    def bytes_per_picture(self) -> int | None:
        return self._contender.bytes_per_picture

    def describe(self, content: bytes) -> Description:
        return self._contender.describe(content)

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return minkowski(gallery, self._p)


def minkowski(gallery: Sequence[Description], p: float) -> Scorer:
    """Negated Minkowski distances to a gallery of vectors."""
    vectors = np.stack(gallery).astype(np.float32, copy=False)

    def score(queries: Sequence[Description]) -> NDArray[np.float32]:
        return np.stack([-_distances(query, vectors, p) for query in queries])

    return score


def _distances(query: Description, vectors: NDArray[np.float32], p: float) -> NDArray[np.float32]:
    """(gallery,)"""
    differences = np.abs(vectors - query.astype(np.float32, copy=False))
    if p == 0.5:
        # Five times as fast as a power.
        powers = np.sqrt(differences, out=differences)
    else:
        powers = np.power(differences, np.float32(p), out=differences)
    distances: NDArray[np.float32] = powers.sum(axis=1) ** np.float32(1.0 / p)
    return distances
