"""A snapshot, what has changed since, and what is gone, searched as one index."""

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import ascending, best_first, checked_ids, checked_vectors
from vector_index.exact import ExactIndex
from vector_index.index import FrozenIndex

# Up to this many vectors are copied into a new segment with every change: a megabyte and a quarter
# of a millisecond at 512 dimensions. More and smaller segments would slow every search instead.
_SMALLEST_SEGMENT: Final = 1_024


class LiveIndex:
    """`base` plus live changes; one writer at a time, readers never wait.

    The state is a tuple of immutable parts that share no id: the base with replaced and deleted
    ids masked out, and a few segments of upserted vectors. A change makes a new tuple and swaps
    it in at once, so a reader sees all of a change or nothing of it. Segments are joined like
    the runs of a log-structured merge tree: n upserted vectors lie in O(log n) segments, each
    vector is copied O(log n) times, and replaced ones are dropped on the way. Segments are
    `ExactIndex`es, so a vector scores the same before and after it moves into a snapshot.
    """

    def __init__(self, base: FrozenIndex | None, dimension: int) -> None:
        """base: None when nothing is published yet. ValueError when the dimensions differ."""
        if base is not None and base.dimension != dimension:
            raise ValueError(
                f"The base index has {base.dimension} dimensions, the live index {dimension}."
            )
        self._dimension = dimension
        self._state = _State(base, ())
        self._writing = threading.Lock()

    def apply(
        self,
        upserts: NDArray[np.int64],
        vectors: NDArray[np.float32],
        deletes: NDArray[np.int64],
    ) -> None:
        """Make `upserts` findable with `vectors` and `deletes` no longer, in one step.

        upserts: int64 (n,), an id that is already here is replaced, of an id given twice the
        last vector counts; vectors: float32 (n, dimension), unit length; deletes: int64 (m,),
        unknown ids are ignored. n and m may be 0.

        Raises ValueError, changing nothing, for arrays of another shape or type, or an id both
        upserted and deleted.
        """
        fresh = self._segment(upserts, vectors)
        contradicted = np.intersect1d(fresh.ids(), checked_ids(deletes, "deletes"))
        if contradicted.size:
            raise ValueError(f"The id {contradicted[0]} is both upserted and deleted.")
        touched = ascending(np.concatenate([fresh.ids(), deletes]))
        with self._writing:
            before = self._state
            base = None if before.base is None else before.base.without(touched)
            delta = [segment.without(touched) for segment in before.delta]
            self._state = _State(base, tuple(self._joined(delta, fresh)))

    def nearest(
        self,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`."""
        if allowed is not None:
            # Once here rather than once in every part.
            allowed = ascending(checked_ids(allowed, "allowed"))
        parts = self._state.parts() or [ExactIndex.merged([], self._dimension)]
        answers = [part.nearest(queries, count, allowed) for part in parts]
        if len(answers) == 1:
            return answers[0]
        return best_first(
            np.concatenate([ids for ids, _ in answers], axis=1),
            np.concatenate([similarities for _, similarities in answers], axis=1),
            count,
        )

    @property
    def dimension(self) -> int:
        return self._dimension

    def __len__(self) -> int:
        return sum(len(part) for part in self._state.parts())

    def is_whole(self) -> bool:
        """See `FrozenIndex.is_whole`."""
        base = self._state.base
        return base is None or base.is_whole()

    @property
    def delta_size(self) -> int:
        """How many of the vectors are not in the base; large means a new snapshot pays."""
        return sum(len(segment) for segment in self._state.delta)

    def ids(self) -> NDArray[np.int64]:
        """The ids that can be found, ascending, int64 (len(self),)."""
        parts = [part.ids() for part in self._state.parts()]
        return np.sort(np.concatenate(parts or [np.empty(0, np.int64)]))

    def _segment(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> ExactIndex:
        checked_ids(ids, "upserts")
        vectors = checked_vectors(vectors, self._dimension, "vectors")
        if len(ids) != len(vectors):
            raise ValueError(f"There are {len(ids)} upserts for {len(vectors)} vectors.")
        distinct, last = np.unique(ids[::-1], return_index=True)
        return ExactIndex.build(distinct, vectors[len(ids) - 1 - last])

    def _joined(self, delta: list[ExactIndex], fresh: ExactIndex) -> list[ExactIndex]:
        """The segments, largest first, with the small ones at the end joined with `fresh`."""
        delta = [segment for segment in delta if len(segment)]
        joined = [fresh] if len(fresh) else []
        while delta and len(delta[-1]) <= max(_SMALLEST_SEGMENT, sum(map(len, joined))):
            joined.append(delta.pop())
        if not joined:
            return delta
        return [
            *delta,
            joined[0] if len(joined) == 1 else ExactIndex.merged(joined, fresh.dimension),
        ]


@dataclass(frozen=True)
class _State:
    base: FrozenIndex | None
    delta: tuple[ExactIndex, ...]

    def parts(self) -> list[FrozenIndex]:
        bases = () if self.base is None else (self.base,)
        return [part for part in (*bases, *self.delta) if len(part)]
