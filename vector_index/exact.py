"""Exact search over half-precision vectors: every vector is scored, none can be missed."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import (
    ascending,
    best_first,
    checked_gallery,
    checked_ids,
    checked_vectors,
    positions_of,
    read_only,
)
from vector_index.rescoring import score_error, similarities
from vector_index.threads import one_openmp_thread

# Below one allowed vector in this many, copying the allowed ones out and scanning the copy beats
# scanning everything with a selector (measured from 10,000 to 100,000 vectors of 512 dimensions).
_GATHER_BELOW = 50

# Scanning fewer vectors than this in all takes a few milliseconds; waking OpenMP's threads on a
# busy machine can take longer.
_PARALLEL_ABOVE = 200_000


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
        ids, vectors = checked_gallery(ids, vectors)
        # NumPy rounds halves to even as IEEE 754 says; FAISS' own encoder depends on the machine.
        return cls(read_only(ids), storage_of(vectors.astype(np.float16)))

    @classmethod
    def merged(cls, parts: Sequence["ExactIndex"], dimension: int) -> "ExactIndex":
        """One index of what can be found in `parts`, which share no id; codes are kept as is."""
        ids = np.concatenate([part.ids() for part in parts] or [np.empty(0, np.int64)])
        codes = np.concatenate(
            [part._live_codes() for part in parts] or [np.empty((0, 2 * dimension), np.uint8)]
        )
        order = np.argsort(ids, kind="stable")
        return cls(read_only(ids[order]), storage_of(codes[order].view(np.float16)))

    @property
    def dimension(self) -> int:
        return int(self._storage.d)

    def compacted(self) -> "ExactIndex":
        """The same index without the vectors that `without` has hidden."""
        return self if self._live is None else ExactIndex.merged([self], self.dimension)

    @property
    def storage(self) -> Any:
        """The FAISS index behind this one, `without` disregarded; for writing a snapshot."""
        return self._storage

    def __len__(self) -> int:
        return self._live_count

    def ids(self) -> NDArray[np.int64]:
        """See `FrozenIndex.ids`."""
        return self._ids if self._live is None else self._ids[self._live]

    def is_whole(self) -> bool:
        """See `FrozenIndex.is_whole`: it lies in memory."""
        return True

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
        scored = np.full((len(queries), count), -np.inf, np.float32)
        gallery = self._gallery(allowed)
        pending = np.arange(len(queries) if gallery.size else 0)
        # A few more than asked for: they show whether the cut falls between equal scores.
        fetch = min(gallery.size, count + max(8, count // 8))
        while pending.size:
            found, scores = gallery.search(queries[pending], fetch)
            undecided = []
            for row, places, lowest in zip(pending, found, scores[:, -1], strict=True):
                exact = similarities(queries[row], self._rows_at, places)
                best, best_similarities = best_first(places, exact, count)
                cut_is_clear = best_similarities[-1] > lowest + score_error(self.dimension)
                if fetch < gallery.size and not cut_is_clear:
                    undecided.append(row)
                    continue
                ids[row, : len(best)] = self._ids[best]
                scored[row, : len(best)] = best_similarities
            pending = np.array(undecided, np.int64)
            fetch = min(gallery.size, 4 * fetch)
        return ids, scored

    def _gallery(self, allowed: NDArray[np.int64] | None) -> "_Gallery":
        if allowed is None:
            return _Gallery(self._storage, len(self), selector=self._live_selector)
        places = positions_of(ascending(checked_ids(allowed, "allowed")), self._ids)
        if self._live is not None:
            places = places[self._live[places]]
        if places.size * _GATHER_BELOW < len(self._ids):
            copy = storage_of(self._rows_at(places))
            return _Gallery(copy, places.size, places=places)
        mask = np.zeros(len(self._ids), np.bool_)
        mask[places] = True
        return _Gallery(self._storage, places.size, selector=_Selector(mask))

    def _rows_at(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        return self._codes[places].view(np.float16)

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
        shared = len(queries) > 1 and len(queries) * self.storage.ntotal > _PARALLEL_ABOVE
        with nullcontext() if shared else one_openmp_thread():
            scores, found = self.storage.search(queries, fetch, params=parameters)
        return (found if self.places is None else self.places[found]), scores


def storage_of(rows: NDArray[np.float16]) -> Any:
    """A FAISS index of half-precision vectors (n, dimension), copied; n may be 0."""
    storage = faiss.IndexScalarQuantizer(
        rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    if len(rows):
        storage.add_sa_codes(rows.view(np.uint8))
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
