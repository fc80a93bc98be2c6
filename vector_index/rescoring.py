"""The one similarity of a query and a stored vector, whichever way the vector was found."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import LENGTH_TOLERANCE

# Rows scored at a time: what they take in double precision stays in the processor's cache.
_ROWS_AT_ONCE = 16

# Every half-precision number in double precision, by its bits. NumPy's own conversion takes another
# branch for zeros and for very small numbers, of which embeddings are full: three times as long.
_DOUBLES = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float64)


def similarities(
    query: NDArray[np.float32],
    rows_at: Callable[[NDArray[np.int64]], NDArray[np.float16]],
    places: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Inner products float32 (n,) of a query (dimension,) with the vectors at `places` (n,).

    `rows_at` gives the stored vectors (m, dimension) at places (m,). Every product of a
    single-precision and a half-precision number is exact in double precision, and the sum is
    taken in the same order for every vector: it gets the same bits wherever it is stored.
    """
    scores = np.empty(len(places), np.float32)
    wide_query = query.astype(np.float64)
    wide = np.empty((min(len(places), _ROWS_AT_ONCE), len(query)), np.float64)
    for start in range(0, len(places), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        rows = rows_at(places[part])
        vectors = wide[: len(rows)]
        np.take(_DOUBLES, rows.view(np.uint16), out=vectors, mode="clip")
        # Not a matrix product: its summation order may differ from row to row.
        scores[part] = np.einsum("ij,j->i", vectors, wide_query)
    return scores


def score_error(dimension: int) -> float:
    """Most a single-precision score of two unit vectors can be off: n·u, plus a final rounding."""
    return (dimension + 4) * 2.0**-24 * (1.0 + LENGTH_TOLERANCE) ** 2
