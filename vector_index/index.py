"""What every index can do, whatever its recipe."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Answers which vectors are nearest. Safe to search from many threads at once."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    def __len__(self) -> int:
        """How many vectors can be found."""

    def nearest(
        self,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `count` most similar vectors for each query.

        queries: float32 (n, dimension), unit length; n may be 0.
        count: at least 1.
        allowed: None for every vector, else int64 (m,) of the only ids that may be returned, in
            any order; ids that are not here are ignored; m may be 0.

        Returns ids int64 (n, count) and similarities float32 (n, count). The similarity is the
        inner product of the query with the stored (half-precision) vector, so it equals the
        cosine up to about 1e-3 and may exceed 1 by as little; it has the same bits in every
        index that holds the vector. Each row is sorted by similarity descending, equal
        similarities by id ascending; a row with fewer matches ends in id -1, similarity -inf. Of
        an exact index a shorter answer is always the beginning of a longer one. An approximate
        one may miss vectors, and says up to where that holds of it.

        Raises ValueError for arrays of another shape or type, or vectors not of unit length.
        """


class FrozenIndex(VectorIndex, Protocol):
    """An index that never changes: the part of a `LiveIndex` that comes from a snapshot."""

    @property
    def recipe(self) -> str:
        """How the vectors are arranged; written into manifest and release."""

    def ids(self) -> NDArray[np.int64]:
        """The ids that can be found, ascending, int64 (len(self),)."""

    def is_whole(self) -> bool:
        """Whether every vector can still be read; False when a file it needs was cut short."""

    def without(self, ids: NDArray[np.int64]) -> "FrozenIndex":
        """The same index in which `ids` can no longer be found; shares the vectors, copies none.

        ids: int64 (m,), any order; ids that are not here are ignored.
        """
