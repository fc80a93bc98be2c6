"""Checks on the arrays that cross this package's border, and the order of an answer."""

import numpy as np
from numpy.typing import NDArray

# Half precision moves the length of a unit vector by less than 1e-3; a picture whose vector is
# further off was never normalised, and its similarity would mean nothing.
LENGTH_TOLERANCE = 1e-2


def checked_vectors(
    vectors: NDArray[np.float32], dimension: int | None, name: str
) -> NDArray[np.float32]:
    """The same vectors, C-contiguous; ValueError unless float32 (n, dimension) of unit length."""
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.float32 or vectors.ndim != 2:
        raise ValueError(
            f"{name} must be a float32 array of shape (n, dimension), got {describe(vectors)}."
        )
    if dimension is not None and vectors.shape[1] != dimension:
        raise ValueError(
            f"{name} have {vectors.shape[1]} dimensions, but the index has {dimension}: "
            "they come from another model."
        )
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    # Written so that a NaN fails the comparison.
    off = np.flatnonzero(~(np.abs(lengths - 1.0) <= LENGTH_TOLERANCE))
    if off.size:
        raise ValueError(
            f"{name} must have length 1 (row {off[0]} has length {lengths[off[0]]:.4g}): "
            "divide each vector by its norm, and drop the ones that have none."
        )
    return np.ascontiguousarray(vectors)


def checked_ids(ids: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    """The same ids; ValueError unless int64 (n,)."""
    if not isinstance(ids, np.ndarray) or ids.dtype != np.int64 or ids.ndim != 1:
        raise ValueError(f"{name} must be an int64 array of shape (n,), got {describe(ids)}.")
    return ids


def checked_gallery(
    ids: NDArray[np.int64], vectors: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What an index is built from, by ascending id.

    ids: int64 (n,), distinct, not negative, any order; vectors: float32 (n, dimension) of unit
    length; n may be 0. Raises ValueError for anything else.
    """
    checked_ids(ids, "ids")
    vectors = checked_vectors(vectors, None, "vectors")
    if len(ids) != len(vectors):
        raise ValueError(f"There are {len(ids)} ids for {len(vectors)} vectors.")
    if not bool((ids[1:] > ids[:-1]).all()):
        order = np.argsort(ids, kind="stable")
        ids, vectors = ids[order], vectors[order]
    repeated = ids[1:][ids[1:] == ids[:-1]]
    if repeated.size:
        raise ValueError(f"The id {repeated[0]} is given twice; ids must be distinct.")
    if ids.size and ids[0] < 0:
        raise ValueError(f"The id {ids[0]} is negative; -1 means 'no match' in an answer.")
    return ids, vectors


def ascending(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct ids in ascending order; the array itself when it already is that."""
    # The check costs a thirtieth of sorting, and ids that come from SQL are usually sorted.
    if bool((ids[1:] > ids[:-1]).all()):
        return ids
    return np.unique(ids)


def positions_of(wanted: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the `wanted` ids stand in `ids`, ascending. Both are ascending and distinct."""
    if wanted.size == 0 or ids.size == 0:
        return np.empty(0, np.int64)
    if wanted.size <= ids.size:
        places = np.searchsorted(ids, wanted)
        found: NDArray[np.int64] = places[ids[np.minimum(places, ids.size - 1)] == wanted]
        return found
    places = np.searchsorted(wanted, ids)
    return np.flatnonzero(wanted[np.minimum(places, wanted.size - 1)] == ids)


def best_first(
    ids: NDArray[np.int64], similarities: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The first `count` along the last axis by similarity descending, then id ascending."""
    order = np.lexsort((ids, -similarities), axis=-1)[..., :count]
    return np.take_along_axis(ids, order, -1), np.take_along_axis(similarities, order, -1)


def read_only(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """A copy that nobody can change, or the array itself where it is one already."""
    if ids.flags.writeable:
        ids = ids.copy()
        ids.flags.writeable = False
    return ids


def describe(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    return type(value).__name__
