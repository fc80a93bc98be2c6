"""Approximate search: only the clusters nearest to a query are looked into, but these exactly."""

import re
from typing import Any, Final

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
from vector_index.clustering import (
    centroids_of,
    cluster_of_places,
    coarse_centroids,
    coded,
    nearest_centroids,
)
from vector_index.plan import Plan, planned
from vector_index.projection import Projection
from vector_index.rescoring import similarities
from vector_index.rows import HeldRows, VectorRows
from vector_index.scanning import affinity, highest, scanned
from vector_index.selections import Selection, Selections, packed

RECIPE: Final = re.compile(r"pca[1-9]\d*-ivf[1-9]\d*-sq8")

# A filter may leave out just what is near a query. What is left and nearest then lies in more
# clusters than the plan, made without a filter, says.
_FILTERED: Final = 3

# Up to so many vectors are all scored rather than looked for: few matches may lie scattered over
# all clusters, and reading a vector takes two or three microseconds.
_SCORED_OUTRIGHT: Final = 256

# When the clusters planned for hold fewer matches than asked for, so many times more are taken.
_GROWTH: Final = 4


class Store:
    """What a clustered index and all its `without` copies share; vectors by place, rank of id."""

    def __init__(
        self,
        ids: NDArray[np.int64],
        rows: VectorRows,
        projection: Projection,
        lists: Any,
        plan: Plan,
    ) -> None:
        """ids: int64 (n,), ascending; rows: n; lists: see `coded`.

        Raises ValueError when the lists do not hold every place once.
        """
        self.ids = ids
        self.rows = rows
        self.projection = projection
        self.lists = lists
        self.plan = plan
        self.cluster_of = cluster_of_places(lists)
        self.selections = Selections(ids, self.cluster_of)
        self.centroids = coarse_centroids(lists)

    @property
    def dimension(self) -> int:
        return self.projection.dimension

    @property
    def recipe(self) -> str:
        return f"pca{self.lists.d}-ivf{self.lists.nlist}-sq8"


class ClusteredIndex:
    """Immutable inverted lists of short codes in memory, half-precision rows to score with.

    A search takes the clusters whose centroids are most similar to the query, as many as the plan
    says for its depth: for `count` of the m vectors that may be returned, out of n, that is
    count * n / m, the rank in the whole index at which the last of them is to be expected.
    Clusters without any vector that may be returned are passed over. Of what these clusters hold
    the codes, rounded principal components, choose a shortlist, as long as the plan says for
    `count`; and every vector of the shortlist is scored as `ExactIndex` scores, with the same bits.

    Beyond `VectorIndex.nearest` this holds: an answer is the exact answer among a shortlist that
    depends on nothing but the query, the filter and two steps of the plan, that of its depth and
    that of its count. Of two answers to one query over the same vectors the shorter is therefore
    the beginning of the longer whenever their steps are the same: up to 30, from there to 100,
    and so on, as far as the plan goes. From one step to the next the shortlist becomes longer,
    and what the shorter answer missed may come in between; the rest stays in its order. Beyond
    the plan every cluster is looked into, and the shortlist grows with `count`. Vectors whose
    codes tie at the end of a shortlist are in it together. What is similar by its components
    left out alone may be missed, however near it is; how often that is, and how often a cluster
    is, `agreement` measures. A row is shorter than `count` only when there is nothing more to
    return.
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
        projection = Projection.learnt(vectors, seed=seed)
        centroids = centroids_of(vectors, projection, clusters, seed=seed)
        cluster_of = nearest_centroids(vectors, projection, centroids)
        rows = vectors.astype(np.float16)
        lists = coded(rows, projection, centroids / projection.scales, cluster_of)
        plan = planned(vectors, projection, lists, cluster_of, seed=seed)
        return cls(Store(read_only(ids), HeldRows(rows), projection, lists, plan))

    def compacted(self) -> "ClusteredIndex":
        """The same index without the vectors that `without` has hidden; all rows in memory."""
        if self._live is None:
            return self
        store, kept = self._store, self._live.places
        rows = store.rows.at(kept)
        lists = coded(rows, store.projection, store.centroids, store.cluster_of[kept])
        return ClusteredIndex(
            Store(read_only(store.ids[kept]), HeldRows(rows), store.projection, lists, store.plan)
        )

    @property
    def recipe(self) -> str:
        return self._store.recipe

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
        if chosen is not None and size <= _SCORED_OUTRIGHT:
            return self._best(query, chosen.places, count)
        projected = store.projection.of_query(query)
        similar = affinity(store.centroids, projected)
        clusters = np.arange(len(similar)) if chosen is None else chosen.clusters
        probes = store.plan.probes_at(count * len(store.ids) / size)
        probes = min(_FILTERED * probes if is_filtered else probes, len(clusters))
        fetch = min(size, store.plan.shortlist_at(count))
        while True:
            nearest = highest(similar, clusters, probes)
            # One more shows whether the shortlist ends between copies.
            places, scores = scanned(store.lists, projected, min(size, fetch + 1), nearest, chosen)
            if len(places) < count:
                probes = min(len(clusters), _GROWTH * probes)
            elif len(places) > fetch and scores[fetch - 1] == scores[fetch]:
                # Which of them are on it must not be left to the order of the lists.
                fetch = min(size, 2 * fetch)
            else:
                return self._best(query, np.sort(places[:fetch]), count)

    def _best(
        self, query: NDArray[np.float32], places: NDArray[np.int64], count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The best `count` of `places`, ascending, at least as many, with their similarities."""
        return best_first(places, similarities(query, self._store.rows.at, places), count)
