"""Exact search over half-precision vectors: every vector is scored, none can be missed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import (
    LENGTH_TOLERANCE,
    ascending,
    best_first,
    checked_ids,
    checked_vectors,
    positions_of,
)

# Below one allowed vector in this many, copying the allowed ones out and scanning the copy beats
# scanning everything with a selector (measured from 10,000 to 100,000 vectors of 512 dimensions).
_GATHER_BELOW = 50

# Scanning fewer vectors than this in all takes a few milliseconds; waking OpenMP's threads on a
# busy machine can take longer.
_PARALLEL_ABOVE = 200_000

# Rows scored at a time in double precision; bounds memory when thousands of vectors tie.
_RESCORE_ROWS = 2_048


class ExactIndex:
    """Immutable exact index: FAISS scalar quantiser, float16 codes, inner product.

    FAISS proposes candidates in single precision; the order of its sums, and with it the last
    bits of a score, depends on a vector's place and on the selector. So the candidates are scored
    again in double precision: every product is exact there, and a vector gets the same float32
    similarity wherever it is stored and however it was found.
    """

    recipe: Final = "exact-fp16"

    def __init__(
        self, ids: NDArray[np.int64], storage: Any, live: NDArray[np.bool_] | None = None
    ) -> None:
        """Use `build`. ids: strictly ascending; storage: FAISS index in the same order."""
        self._ids = ids
        self._storage = storage
        self._codes = _codes_of(storage)
        self._live = live
        self._live_count = len(ids) if live is None else int(np.count_nonzero(live))
        self._live_selector = None if live is None else _Selector(live)

    @classmethod
    def build(cls, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> "ExactIndex":
        """An index of `vectors`, rounded to float16.

        ids: int64 (n,), distinct, not negative, any order; vectors: float32 (n, dimension) of
        unit length; n may be 0. Raises ValueError for anything else.
        """
        checked_ids(ids, "ids")
        vectors = checked_vectors(vectors, None, "vectors")
        if len(ids) != len(vectors):
            raise ValueError(f"There are {len(ids)} ids for {len(vectors)} vectors.")
        order = np.argsort(ids, kind="stable")
        ids = ids[order]
        repeated = ids[1:][ids[1:] == ids[:-1]]
        if repeated.size:
            raise ValueError(f"The id {repeated[0]} is given twice; ids must be distinct.")
        if ids.size and ids[0] < 0:
            raise ValueError(f"The id {ids[0]} is negative; -1 means 'no match' in an answer.")
        # NumPy rounds halves to even as IEEE 754 says; FAISS' own encoder depends on the machine.
        codes = vectors.astype(np.float16)[order].view(np.uint8)
        return cls(_read_only(ids), _storage_of(codes, vectors.shape[1]))

    @classmethod
    def merged(cls, parts: Sequence["ExactIndex"], dimension: int) -> "ExactIndex":
        """One index of what can be found in `parts`, which share no id; codes are kept as is."""
        ids = np.concatenate([part.ids() for part in parts] or [np.empty(0, np.int64)])
        codes = np.concatenate(
            [part._live_codes() for part in parts] or [np.empty((0, 2 * dimension), np.uint8)]
        )
        order = np.argsort(ids, kind="stable")
        return cls(_read_only(ids[order]), _storage_of(codes[order], dimension))

    @property
    def dimension(self) -> int:
        return int(self._storage.d)

    @property
    def is_masked(self) -> bool:
        """Whether `without` has hidden any vectors that `storage` still holds."""
        return self._live is not None

    @property
    def storage(self) -> Any:
        """The FAISS index behind this one, `without` disregarded; for writing a snapshot."""
        return self._storage

    def __len__(self) -> int:
        return self._live_count

    def ids(self) -> NDArray[np.int64]:
        """See `FrozenIndex.ids`."""
        return self._ids if self._live is None else self._ids[self._live]

    def without(self, ids: NDArray[np.int64]) -> "ExactIndex":
        """See `FrozenIndex.without`."""
        gone = positions_of(ascending(checked_ids(ids, "ids")), self._ids)
        if gone.size == 0 or (self._live is not None and not self._live[gone].any()):
            return self
        live = np.ones(len(self._ids), np.bool_) if self._live is None else self._live.copy()
        live[gone] = False
        return ExactIndex(self._ids, self._storage, live)

    def nearest(
        self,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`."""
        queries = checked_vectors(queries, self.dimension, "queries")
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}.")
        ids = np.full((len(queries), count), -1, np.int64)
        similarities = np.full((len(queries), count), -np.inf, np.float32)
        gallery = self._gallery(allowed)
        pending = np.arange(len(queries) if gallery.size else 0)
        # A few more than asked for: they show whether the cut falls between equal scores.
        fetch = min(gallery.size, count + max(8, count // 8))
        while pending.size:
            found, scores = gallery.search(queries[pending], fetch)
            undecided = []
            for row, places, lowest in zip(pending, found, scores[:, -1], strict=True):
                exact = self._similarities(queries[row], places)
                best, best_similarities = best_first(places, exact, count)
                cut_is_clear = best_similarities[-1] > lowest + _score_error(self.dimension)
                if fetch < gallery.size and not cut_is_clear:
                    undecided.append(row)
                    continue
                ids[row, : len(best)] = self._ids[best]
                similarities[row, : len(best)] = best_similarities
            pending = np.array(undecided, np.int64)
            fetch = min(gallery.size, 4 * fetch)
        return ids, similarities

    def _gallery(self, allowed: NDArray[np.int64] | None) -> "_Gallery":
        if allowed is None:
            return _Gallery(self._storage, len(self), selector=self._live_selector)
        places = positions_of(ascending(checked_ids(allowed, "allowed")), self._ids)
        if self._live is not None:
            places = places[self._live[places]]
        if places.size * _GATHER_BELOW < len(self._ids):
            copy = _storage_of(self._codes[places], self.dimension)
            return _Gallery(copy, places.size, places=places)
        mask = np.zeros(len(self._ids), np.bool_)
        mask[places] = True
        return _Gallery(self._storage, places.size, selector=_Selector(mask))

    def _similarities(
        self, query: NDArray[np.float32], places: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        similarities = np.empty(len(places), np.float32)
        wide_query = query.astype(np.float64)
        for start in range(0, len(places), _RESCORE_ROWS):
            rows = slice(start, start + _RESCORE_ROWS)
            vectors = self._codes[places[rows]].view(np.float16).astype(np.float64)
            vectors *= wide_query
            # Not a matrix product: its summation order may differ from row to row.
            similarities[rows] = vectors.sum(axis=1)
        return similarities

    def _live_codes(self) -> NDArray[np.uint8]:
        return self._codes if self._live is None else self._codes[self._live]


class _Selector:
    """A FAISS selector of positions that keeps its bitmap alive."""

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        self._bitmap = np.packbits(mask, bitorder="little")
        self.faiss_selector = faiss.IDSelectorBitmap(
            len(self._bitmap), faiss.swig_ptr(self._bitmap)
        )


@dataclass(frozen=True)
class _Gallery:
    """The vectors one search may return, as FAISS sees them."""

    storage: Any
    size: int
    places: NDArray[np.int64] | None = None  # of the copied-out vectors in the whole index
    selector: _Selector | None = None

    def search(
        self, queries: NDArray[np.float32], fetch: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Places int64 and FAISS' scores float32, both (n, fetch); fetch <= size."""
        # Parameters go with the call: the storage is shared between threads.
        parameters = None
        if self.selector is not None:
            parameters = faiss.SearchParameters()
            parameters.sel = self.selector.faiss_selector
        with _openmp_threads(len(queries), len(queries) * self.storage.ntotal):
            scores, found = self.storage.search(queries, fetch, params=parameters)
        return (found if self.places is None else self.places[found]), scores


@contextmanager
def _openmp_threads(query_count: int, vectors_scanned: int) -> Iterator[None]:
    # FAISS divides queries, not one query's work, so one query gains nothing from a second thread.
    if query_count > 1 and vectors_scanned > _PARALLEL_ABOVE:
        yield
        return
    before = faiss.omp_get_max_threads()
    # OpenMP keeps this number per calling thread: other threads' searches are not affected.
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _score_error(dimension: int) -> float:
    """Most a single-precision score of two unit vectors can be off: n·u, plus a final rounding."""
    return (dimension + 4) * 2.0**-24 * (1.0 + LENGTH_TOLERANCE) ** 2


def _storage_of(codes: NDArray[np.uint8], dimension: int) -> Any:
    """A FAISS index of float16 codes (n, 2·dimension), copied."""
    storage = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    if len(codes):
        storage.add_sa_codes(codes)
    return storage


def _codes_of(storage: Any) -> NDArray[np.uint8]:
    """The float16 codes as bytes (n, 2·dimension), without copying; valid while storage lives."""
    if storage.ntotal == 0:
        return np.empty((0, storage.code_size), np.uint8)
    size = storage.ntotal * storage.code_size
    codes: NDArray[np.uint8] = faiss.rev_swig_ptr(storage.codes.data(), size)
    codes = codes.reshape(storage.ntotal, storage.code_size)
    codes.flags.writeable = False
    return codes


def _read_only(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    ids.flags.writeable = False
    return ids
