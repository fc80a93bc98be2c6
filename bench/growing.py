"""A million vectors that look like embeddings: grown from real ones, never white noise.

Every grown vector lies between two real near neighbours and strays from there as real neighbours
stray. With seed x_i, a near neighbour x_j, two more near neighbours x_c and x_d, t uniform in 0..1:

    x = (1 - t) x_i + t x_j + sqrt(t (1 - t)) (x_c - x_d),   then divided by its length

If the vectors of a neighbourhood are independent with covariance S, the point between two of them
has the covariance (1 - 2 t (1 - t)) S, and the difference of two others, so scaled, 2 t (1 - t) S:
together S again. So a neighbourhood keeps its shape and width, however many vectors grow in it.
"""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

# Of a real vector, itself left out. More would bridge neighbourhoods that have nothing in common.
NEIGHBOURS = 10
_AT_ONCE = 50_000


def reduced(
    vectors: NDArray[np.float32], others: NDArray[np.float32], dimension: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both (n, many) on the `dimension` principal axes of the first, as unit vectors.

    The axes are those of the second moments about zero, not about the mean: these keep inner
    products best. The same vectors when they have no more dimensions than that.
    """
    if vectors.shape[1] <= dimension:
        return vectors, others
    _, axes = np.linalg.eigh(vectors.astype(np.float64).T @ vectors)
    chosen = axes[:, ::-1][:, :dimension].astype(np.float32)
    return unit(vectors @ chosen), unit(others @ chosen)


def grown(real: NDArray[np.float32], count: int, *, seed: int = 0) -> NDArray[np.float32]:
    """`count` vectors grown from `real` (n, dimension), n > NEIGHBOURS, unit length; see above."""
    chance = np.random.default_rng(seed)
    neighbours = nearest_cosines(real, real, NEIGHBOURS + 1)[0][:, 1:]
    vectors = np.empty((count, real.shape[1]), np.float32)
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        seeds = chance.integers(0, len(real), size)
        # Three different neighbours of each seed: the first columns of a random order.
        drawn = np.argsort(chance.random((size, NEIGHBOURS)), axis=1)[:, :3]
        j, c, d = neighbours[seeds[:, np.newaxis], drawn].T
        t = chance.random((size, 1), dtype=np.float32)
        between = (1 - t) * real[seeds] + t * real[j]
        vectors[start : start + size] = unit(between + np.sqrt(t * (1 - t)) * (real[c] - real[d]))
    return vectors


@dataclass(frozen=True)
class Neighbourhood:
    """What the surroundings of held-out real vectors look like in a set of vectors."""

    first: float
    tenth: float
    intrinsic_dimension: float

    def __str__(self) -> str:
        return (
            f"median cosine to the nearest {self.first:.3f} and to the tenth {self.tenth:.3f}, "
            f"local intrinsic dimension {self.intrinsic_dimension:.1f}"
        )


def neighbourhood(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], *, neighbours: int = 20
) -> Neighbourhood:
    """Medians over `queries` of what they find among `vectors`, both (n, dimension).

    The local intrinsic dimension is the maximum-likelihood estimate of Levina and Bickel (2004),
    the inverse of the mean over j < k of log(r_k / r_j), with r_j the distance to the j-th of k.
    """
    cosines = nearest_cosines(queries, vectors, neighbours)[1]
    distances = np.sqrt(np.maximum(2.0 - 2.0 * cosines.astype(np.float64), 1e-12))
    logarithms = np.log(distances[:, -1:] / distances[:, :-1])
    return Neighbourhood(
        first=float(np.median(cosines[:, 0])),
        tenth=float(np.median(cosines[:, 9])),
        intrinsic_dimension=float(np.median(1.0 / np.maximum(logarithms.mean(axis=1), 1e-9))),
    )


def nearest_cosines(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows of `vectors` and cosines (n, count), the best first: exact, in single precision."""
    cosines, rows = faiss.knn(queries, vectors, count, metric=faiss.METRIC_INNER_PRODUCT)
    return rows, cosines


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each divided by its length."""
    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)
