"""Approximate search: only the clusters nearest to a query are looked into, but these exactly."""

import re
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.arrays import (
    LENGTH_TOLERANCE,
    ascending,
    best_first,
    checked_gallery,
    checked_ids,
    checked_vectors,
    positions_of,
    read_only,
)
from vector_index.clustering import (
    centroids_of,
    cluster_of_places,
    coded,
    nearest_centroids,
)
from vector_index.plan import Plan, planned
from vector_index.rescoring import score_error, similarities
from vector_index.rows import HeldRows, VectorRows
from vector_index.selections import Selection, Selections, packed
from vector_index.threads import one_openmp_thread

RECIPE: Final = re.compile(r"ivf([1-9]\d*)-sq8")

# A filter may leave out just what is near a query. What is left and nearest then lies in more
# clusters than the plan, made without a filter, says.
_FILTERED: Final = 3

# Up to so many numbers (vectors times dimensions) are all scored, in half a millisecond, rather
# than looked for: few matches may lie scattered over all clusters.
_SCORED_OUTRIGHT: Final = 500_000

# When the clusters planned for hold fewer matches than asked for, so many times more are taken.
_GROWTH: Final = 4


class Store:
    """What a clustered index and all its `without` copies share; vectors by place, rank of id."""

    def __init__(
        self,
        ids: NDArray[np.int64],
        rows: VectorRows,
        lists: Any,
        code_error: float,
        plan: Plan,
    ) -> None:
        """ids: int64 (n,), ascending; rows: n; lists and code_error: see `coded`.

        Raises ValueError when the lists do not hold every place once.
        """
        self.ids = ids
        self.rows = rows
        self.lists = lists
        self.code_error = code_error
        self.plan = plan
        self.dimension = int(lists.d)
        self.cluster_of = cluster_of_places(lists)
        self.selections = Selections(ids, self.cluster_of)
        size = lists.nlist * self.dimension
        coarse: Any = faiss.downcast_index(lists.quantizer)
        # The memory of FAISS itself: valid while the lists live.
        self.centroids: NDArray[np.float32] = faiss.rev_swig_ptr(coarse.get_xb(), size).reshape(
            lists.nlist, self.dimension
        )


class ClusteredIndex:
    """Immutable inverted lists of eight-bit codes in memory, half-precision rows to score with.

    A search takes the clusters whose centroids are most similar to the query, as many as the plan
    says for its depth: for `count` of the m vectors that may be returned, out of n, that is
    count * n / m, the rank in the whole index at which the last of them is to be expected.
    Clusters without any vector that may be returned are passed over. The codes lose nothing: they
    leave out only what cannot be among the `count` best of these clusters, and what is left is
    scored as `ExactIndex` scores it, to the same bits.

    Beyond `VectorIndex.nearest` this holds: an answer is the exact answer among the vectors of
    the clusters looked into. Of two answers to one query over the same vectors, the shorter is
    therefore the beginning of the longer whenever the plan gives both the same clusters: up to
    its first depth (100 unfiltered), between that and the second, and so on; beyond the last
    every cluster is looked into, and the answer is exact. From one step to the next the clusters
    of the former are looked into again, and more: what the shorter answer missed may come in
    between, and the rest stays in its order. A row is shorter than `count` only when there is
    nothing more to return.
    """

    def __init__(self, store: Store, live: Selection | None = None) -> None:
        """live: the places that can be found, None for all."""
        self._store = store
        self._live = live

    @classmethod
    def build(
        cls, ids: NDArray[np.int64], vectors: NDArray[np.float32], clusters: int, *, seed: int = 0
    ) -> "ClusteredIndex":
        """An index of `vectors`, rounded to float16, divided into `clusters`.

        ids: int64 (n,), distinct, not negative, any order; vectors: float32 (n, dimension) of
        unit length, n >= clusters and n > 1. What is drawn by chance is drawn from `seed`.
        Raises ValueError for anything else.
        """
        ids, vectors = checked_gallery(ids, vectors)
        if len(ids) < max(2, clusters) or clusters < 1:
            raise ValueError(f"{len(ids)} vectors cannot be divided into {clusters} clusters.")
        centroids = centroids_of(vectors, clusters, seed=seed)
        cluster_of = nearest_centroids(vectors, centroids)
        plan = planned(vectors, centroids, cluster_of, seed=seed)
        return cls(_store(read_only(ids), vectors.astype(np.float16), centroids, cluster_of, plan))

    def compacted(self) -> "ClusteredIndex":
        """The same index without the vectors that `without` has hidden; all rows in memory."""
        if self._live is None:
            return self
        store, kept = self._store, self._live.places
        return ClusteredIndex(
            _store(
                read_only(store.ids[kept]),
                store.rows.at(kept),
                store.centroids,
                store.cluster_of[kept],
                store.plan,
            )
        )

    @property
    def recipe(self) -> str:
        return f"ivf{self._store.lists.nlist}-sq8"

    @property
    def store(self) -> Store:
        """What lies behind this index, `without` disregarded; for writing a snapshot."""
        return self._store

    @property
    def plan(self) -> Plan:
        return self._store.plan

    @property
    def dimension(self) -> int:
        return self._store.dimension

    def __len__(self) -> int:
        return len(self._store.ids) if self._live is None else self._live.size

    def ids(self) -> NDArray[np.int64]:
        """See `FrozenIndex.ids`."""
        return self._store.ids if self._live is None else self._store.ids[self._live.places]

    def is_whole(self) -> bool:
        """See `FrozenIndex.is_whole`."""
        return self._store.rows.is_whole()

    def without(self, ids: NDArray[np.int64]) -> "ClusteredIndex":
        """See `FrozenIndex.without`."""
        every = self._store.ids
        gone = positions_of(ascending(checked_ids(ids, "ids")), every)
        if gone.size == 0:
            return self
        mask = np.ones(len(every), np.bool_)
        mask[gone] = False
        live = Selection(len(every), packed(mask), np.arange(self._store.lists.nlist))
        if self._live is not None:
            live = live.within(self._live.bitmap)
            if live.size == self._live.size:
                return self
        return ClusteredIndex(self._store, live)

    def nearest(
        self,
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `VectorIndex.nearest`, and the class for what an approximate answer keeps of it.

        Raises SnapshotTorn when the file of a snapshot has been cut short since it was opened.
        """
        queries = checked_vectors(queries, self.dimension, "queries")
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}.")
        ids = np.full((len(queries), count), -1, np.int64)
        scores = np.full((len(queries), count), -np.inf, np.float32)
        chosen = self._live
        if allowed is not None:
            chosen = self._store.selections.of(allowed)
            if self._live is not None:
                chosen = chosen.within(self._live.bitmap)
        size = len(self) if chosen is None else chosen.size
        if size:
            # One by one: the clusters of a query must not depend on the company it comes in.
            for row, query in enumerate(queries):
                places, best = self._nearest(
                    query, min(count, size), chosen, size, is_filtered=allowed is not None
                )
                ids[row, : len(places)] = self._store.ids[places]
                scores[row, : len(places)] = best
        return ids, scores

    def _nearest(
        self,
        query: NDArray[np.float32],
        count: int,
        chosen: Selection | None,
        size: int,
        *,
        is_filtered: bool,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Places (count,) and similarities of the best of `size` chosen vectors, count <= size."""
        store = self._store
        if chosen is not None and size * self.dimension <= _SCORED_OUTRIGHT:
            places = chosen.places
            return best_first(places, similarities(query, store.rows.at, places), count)
        affinity = _affinity(store.centroids, query)
        clusters = np.arange(len(affinity)) if chosen is None else chosen.clusters
        probes = store.plan.probes_at(count * len(store.ids) / size)
        probes = min(_FILTERED * probes if is_filtered else probes, len(clusters))
        error = 2 * (store.code_error * (1 + LENGTH_TOLERANCE) + score_error(self.dimension))
        fetch = min(size, 4 * count + 128)
        while True:
            nearest = _highest(affinity, clusters, probes)
            places, scores = _scanned(store.lists, query, fetch, nearest, chosen)
            if len(places) < count:
                probes = min(len(clusters), _GROWTH * probes)
                continue
            # Nothing below this can be among the `count` best, however wrong the codes are.
            floor = scores[count - 1] - error
            if len(places) == fetch < size and scores[-1] >= floor:
                fetch = min(size, 2 * fetch)
                continue
            places = places[scores >= floor]
            return best_first(places, similarities(query, store.rows.at, places), count)


def _affinity(centroids: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner products with the centroids (k, dimension), float32 (k,)."""
    scores = np.empty(len(centroids), np.float32)
    # Not a matrix product: BLAS would wake its threads, which on a busy machine takes longer.
    faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
        faiss.swig_ptr(scores),
        faiss.swig_ptr(query),
        faiss.swig_ptr(centroids),
        centroids.shape[1],
        len(centroids),
    )
    return scores


def _highest(
    affinity: NDArray[np.float32], clusters: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Those `count` of the clusters that are most similar to the query, in no order."""
    if count == len(clusters):
        return clusters
    chosen: NDArray[np.int64] = np.argpartition(affinity[clusters], -count)[-count:]
    return clusters[chosen]


def _scanned(
    lists: Any,
    query: NDArray[np.float32],
    fetch: int,
    clusters: NDArray[np.int64],
    chosen: Selection | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best `fetch` places by code, the best first, with their scores; fewer if there are."""
    # Parameters go with the call: the lists are shared between threads.
    parameters = faiss.SearchParametersIVF()
    parameters.nprobe = len(clusters)
    if chosen is not None:
        parameters.sel = chosen.faiss_selector
    places = np.empty(fetch, np.int64)
    scores = np.empty(fetch, np.float32)
    unused = np.zeros(len(clusters), np.float32)
    with one_openmp_thread():
        lists.search_preassigned_c(
            1,
            faiss.swig_ptr(query),
            fetch,
            faiss.swig_ptr(clusters),
            faiss.swig_ptr(unused),
            faiss.swig_ptr(scores),
            faiss.swig_ptr(places),
            False,
            parameters,
        )
    met = int(np.searchsorted(places < 0, True))
    return places[:met], scores[:met]


def _store(
    ids: NDArray[np.int64],
    rows: NDArray[np.float16],
    centroids: NDArray[np.float32],
    cluster_of: NDArray[np.int32],
    plan: Plan,
) -> Store:
    lists, code_error = coded(rows, centroids, cluster_of)
    return Store(ids, HeldRows(rows), lists, code_error, plan)
