"""How far a search looks, so that little is missed: found at every build."""

import math
import sys
from operator import gt
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from vector_index.clustering import coarse_centroids
from vector_index.projection import Projection
from vector_index.scanning import affinity, scanned

# How far down the ranking of all vectors a search may have to look. The first steps serve the
# first pages of an answer (28 pictures are asked for to fill ten hits, 88 for the fourth page);
# the others serve long answers and filters, which pass over most of the ranking.
DEPTHS: Final = (30, 100, 1_000, 4_000)

# Clusters are counted at no fewer neighbours than this: the next page is then found in the same.
_LEAST_DEPTH: Final = 100

# Share of the true neighbours in the clusters looked into that must be on the shortlist.
SHORTLISTED: Final = 0.998
_LONGEST: Final = 8

# Share of a query's true neighbours that must lie in the clusters looked into. It is measured
# with vectors of the index, the easiest queries there are, at a hundred neighbours. Of the ten
# nearest, pictures held out of an index of 100,000 or a million then find 98 % and more.
TARGET: Final = 0.995

# A search that looks into more than this share of the clusters gains too little over an exact one.
MOST_WORTHWHILE: Final = 0.4

QUERIES: Final = 200
_AT_ONCE: Final = 16


class Plan(BaseModel):
    """For searches as deep as `depths[i]`: clusters to look into, and candidates to score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    depths: tuple[PositiveInt, ...] = Field(min_length=1)
    probes: tuple[PositiveInt, ...]
    shortlists: tuple[PositiveInt, ...]

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        if not len(self.depths) == len(self.probes) == len(self.shortlists):
            raise ValueError("depths, probes and shortlists must be as many")
        if any(map(gt, self.depths, self.shortlists)):
            raise ValueError("a shortlist must hold as many as its depth")
        return self

    def probes_at(self, depth: float) -> int:
        """Clusters for a search as deep as the rank `depth`; past the last step all there are."""
        for step, probes in zip(self.depths, self.probes, strict=True):
            if depth <= step:
                return probes
        return sys.maxsize

    def shortlist_at(self, count: int) -> int:
        """Candidates for an answer of `count`; past the last step in proportion."""
        for step, shortlist in zip(self.depths, self.shortlists, strict=True):
            if count <= step:
                return shortlist
        return math.ceil(count * self.shortlists[-1] / self.depths[-1])

    def is_worthwhile(self, clusters: int) -> bool:
        """Whether a usual search is spared most of the vectors."""
        return self.probes[0] <= MOST_WORTHWHILE * clusters


def planned(
    vectors: NDArray[np.float32],
    projection: Projection,
    lists: Any,
    cluster_of: NDArray[np.int32],
    *,
    seed: int = 0,
) -> Plan:
    """The fewest clusters that hold TARGET of the true neighbours, and the shortest shortlists.

    vectors: float32 (n, dimension), unit length, n > 1; lists: their codes; cluster_of: int32
    (n,). Up to QUERIES of the vectors are searched for exactly among the others; the first in the
    order of `agreement` are left to it where there are enough.
    """
    drawn = np.random.default_rng(seed).permutation(len(vectors))[-QUERIES:]
    depths = [min(depth, len(vectors) - 1) for depth in DEPTHS]
    nearest = np.concatenate(
        [
            _neighbours(vectors, drawn[start : start + _AT_ONCE], depths[-1])
            for start in range(0, len(drawn), _AT_ONCE)
        ]
    )
    centroids = coarse_centroids(lists)
    queries = [projection.of_query(vectors[row]) for row in drawn]
    similar = np.stack([affinity(centroids, query) for query in queries])
    # ranks[i, j]: how many clusters come before that of the j-th neighbour of query i.
    order = np.argsort(-similar, axis=1, kind="stable")
    rank_of = np.empty_like(order)
    np.put_along_axis(rank_of, order, np.arange(lists.nlist)[np.newaxis], axis=1)
    ranks = np.take_along_axis(rank_of, cluster_of[nearest], axis=1)
    probes = [
        int(np.quantile(ranks[:, : max(depth, _LEAST_DEPTH)], TARGET, method="higher")) + 1
        for depth in depths
    ]
    probes = np.maximum.accumulate(probes).tolist()
    shortlists = []
    for depth, many in zip(depths, probes, strict=True):
        fetch = min(len(vectors), _LONGEST * (depth + 1))
        found = [
            _ranks_among(
                scanned(lists, query, fetch, clusters[:many], None)[0],
                true[:depth][inside[:depth] < many],
                fetch,
            )
            for query, clusters, true, inside in zip(queries, order, nearest, ranks, strict=True)
        ]
        furthest = np.quantile(np.concatenate(found), SHORTLISTED, method="higher")
        shortlists.append(int(furthest) + 1)
    return Plan(
        depths=DEPTHS,
        probes=tuple(probes),
        shortlists=tuple(np.maximum.accumulate(np.maximum(shortlists, DEPTHS)).tolist()),
    )


def _neighbours(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Of each of `rows` the `count` nearest others, the nearest first."""
    exact = vectors[rows] @ vectors.T
    exact[np.arange(len(rows)), rows] = -np.inf
    return _best_columns(exact, count)


def _ranks_among(
    places: NDArray[np.int64], wanted: NDArray[np.int64], missing: int
) -> NDArray[np.int64]:
    """At which place each of `wanted` stands, counted from 0; `missing` for those that do not."""
    order = np.argsort(places)
    at = order[np.minimum(np.searchsorted(places, wanted, sorter=order), len(places) - 1)]
    return np.where(places[at] == wanted, at, missing)


def _best_columns(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Of each row the columns of the `count` highest scores, the highest first."""
    chosen = np.argpartition(scores, -count, axis=1)[:, -count:]
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1)
    return np.take_along_axis(chosen, order, axis=1)
