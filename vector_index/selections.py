"""Which vectors of a clustered index one search may return, and in which clusters they lie."""

import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import ascending, checked_ids, positions_of


@dataclass(frozen=True)
class Selection:
    """A set of places in an index of `count` vectors.

    bitmap: uint8 (ceil(count / 8),), the lowest bit first; clusters: int64 (m,), ascending, every
    cluster that has a selected vector, and maybe some whose selected vectors are masked.
    """

    count: int
    bitmap: NDArray[np.uint8]
    clusters: NDArray[np.int64]

    @cached_property
    def size(self) -> int:
        return int(np.bitwise_count(self.bitmap).sum(dtype=np.int64))

    @cached_property
    def faiss_selector(self) -> Any:
        """Refers to `bitmap`: valid while this selection lives."""
        return faiss.IDSelectorBitmap(len(self.bitmap), faiss.swig_ptr(self.bitmap))

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The places, ascending, int64 (size,)."""
        bits = np.unpackbits(self.bitmap, count=self.count, bitorder="little")
        return np.flatnonzero(bits)

    def within(self, mask: NDArray[np.uint8]) -> "Selection":
        """Those also set in another bitmap."""
        return Selection(self.count, self.bitmap & mask, self.clusters)


class Selections:
    """Selections of allowed ids, remembered for as long as the caller keeps the array.

    Finding the places of 500,000 ids among a million takes longer than the search. An array that
    nobody can write to is the same set whenever it is handed in again.
    """

    def __init__(self, ids: NDArray[np.int64], cluster_of: NDArray[np.int32]) -> None:
        """ids: int64 (n,), ascending; cluster_of: (n,), in the same order."""
        self._ids = ids
        self._cluster_of = cluster_of
        self._known: dict[int, tuple[weakref.ref[Any], Selection]] = {}

    def of(self, allowed: NDArray[np.int64]) -> Selection:
        """The selection of those of `allowed`, int64 (m,), any order, that are in the index."""
        key = id(allowed)
        known = self._known.get(key)
        if known is not None and known[0]() is allowed:
            return known[1]
        places = positions_of(ascending(checked_ids(allowed, "allowed")), self._ids)
        selected = np.zeros(len(self._ids), np.bool_)
        selected[places] = True
        selection = Selection(
            len(self._ids), packed(selected), np.unique(self._cluster_of[places]).astype(np.int64)
        )
        if is_frozen(allowed):
            forget = self._known.pop
            self._known[key] = (weakref.ref(allowed, lambda _: forget(key, None)), selection)
        return selection


def packed(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """A mask (n,) as a bitmap, the lowest bit first."""
    return np.packbits(mask, bitorder="little")


def is_frozen(array: NDArray[Any]) -> bool:
    """Whether nobody can write to the array: it owns its memory, and is read-only."""
    return not array.flags.writeable and bool(array.flags.owndata)
