"""How much an index agrees with exact single-precision search: measured at every publish."""

import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import checked_ids, checked_vectors, positions_of
from vector_index.index import VectorIndex

# Single-precision inner products of unit vectors in different orders differ by about this much.
_TIE_TOLERANCE = 1e-6

# Queries scored against everything at a time; bounds memory to 16 floats per indexed vector.
_QUERIES_AT_ONCE = 16


def agreement(
    index: VectorIndex,
    ids: NDArray[np.int64],
    vectors: NDArray[np.float32],
    *,
    queries: int = 200,
    count: int = 10,
    seed: int = 0,
) -> float:
    """Mean recall@count of `index` against exact float32 search, between 0 and 1.

    Up to `queries` of the vectors, drawn without repetition from `seed`, are searched for in
    their own index. With s_k the k-th largest exact similarity of a query to the *other* vectors,
    k = min(count, number of other vectors), its recall is the share

        |{returned ids whose exact similarity >= s_k - 1e-6}| / k

    of the k best ids the index returns, the query's own id left out on both sides: finding
    itself proves little. Where several vectors tie at s_k each is as good as another, so any of
    them counts. Ids missing from the answer, or unknown to `ids`, count as misses.

    ids: int64 (n,), distinct; vectors: float32 (n, dimension), unit length, as they were before
    any quantisation. 1.0 when n < 2: there is nothing to disagree about.
    Raises ValueError for arrays of another shape or type.
    """
    checked_ids(ids, "ids")
    vectors = checked_vectors(vectors, index.dimension, "vectors")
    if len(ids) != len(vectors):
        raise ValueError(f"There are {len(ids)} ids for {len(vectors)} vectors.")
    if queries < 1 or count < 1:
        raise ValueError(f"queries and count must be at least 1, got {queries} and {count}.")
    if len(ids) < 2:
        return 1.0
    expected = min(count, len(ids) - 1)
    order = np.argsort(ids)
    ordered = ids[order]
    drawn = np.random.default_rng(seed).permutation(len(ids))[:queries]
    hits = 0
    for start in range(0, len(drawn), _QUERIES_AT_ONCE):
        rows = drawn[start : start + _QUERIES_AT_ONCE]
        exact = vectors[rows] @ vectors.T
        exact[np.arange(len(rows)), rows] = -np.inf
        weakest = np.partition(exact, -expected, axis=1)[:, -expected]
        # One more than counted, as the query itself is expected among them.
        found, _ = index.nearest(vectors[rows], expected + 1)
        for row, returned, scores, floor in zip(rows, found, exact, weakest, strict=True):
            others = np.unique(returned[returned != ids[row]][:expected])
            known = order[positions_of(others, ordered)]
            hits += int(np.count_nonzero(scores[known] >= floor - _TIE_TOLERANCE))
    return hits / (len(drawn) * expected)
