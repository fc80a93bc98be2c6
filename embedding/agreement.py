"""How far a faster network's vectors agree with those of the network it was made from."""

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10


def mean_cosine(reference: NDArray[np.float32], vectors: NDArray[np.float32]) -> float:
    """Of the same pictures' unit vectors, both (pictures, dimension), row by row."""
    cosines = np.einsum("ij,ij->i", reference, vectors, dtype=np.float64)
    return float(np.clip(cosines.mean(), -1.0, 1.0))


def neighbour_recall(
    reference: NDArray[np.float32], vectors: NDArray[np.float32], count: int = NEIGHBOURS
) -> float:
    """Part of each picture's `count` nearest others under `reference` that are also among its
    `count` nearest under `vectors`; the mean over all pictures.

    Both are unit vectors of the same pictures, (pictures, dimension). A whole catalogue changes
    its network at once, so each side searches its own vectors. Raises ValueError for fewer than
    `count` + 1 pictures.
    """
    if len(reference) <= count:
        raise ValueError(f"{len(reference)} pictures do not have {count} neighbours each")
    expected, found = _nearest(reference, count), _nearest(vectors, count)
    common = [np.intersect1d(*pair).size for pair in zip(expected, found, strict=True)]
    return float(np.mean(common)) / count


def _nearest(vectors: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Rows of the `count` most similar others of each row, (pictures, count); ties by row."""
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1, kind="stable")[:, :count]
