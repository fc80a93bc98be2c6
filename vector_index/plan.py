"""How many clusters a search looks into, so that little is missed: found at every build."""

import sys
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

# How far down the ranking of all vectors a search may have to look. The first step serves the
# first pages of an answer (28 pictures are asked for to fill ten hits, 88 for the fourth page);
# the others serve long answers and filters, which pass over most of the ranking.
DEPTHS: Final = (100, 1_000, 4_000)

# Share of a query's true neighbours that must lie in the clusters looked into. It is measured
# with vectors of the index, the easiest queries there are, at a hundred neighbours. Of the ten
# nearest, pictures held out of an index of 100,000 or a million then find 98 % and more.
TARGET: Final = 0.995

# A search that looks into more than this share of the clusters gains too little over an exact one.
MOST_WORTHWHILE: Final = 0.4

QUERIES: Final = 200
_AT_ONCE: Final = 16


class Plan(BaseModel):
    """Clusters to look into by depth: `probes[i]` for searches as deep as `depths[i]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    depths: tuple[int, ...] = Field(min_length=1)
    probes: tuple[int, ...] = Field(min_length=1)

    def probes_at(self, depth: float) -> int:
        """Clusters for a search as deep as the rank `depth`; past the last step all there are."""
        for step, probes in zip(self.depths, self.probes, strict=True):
            if depth <= step:
                return probes
        return sys.maxsize

    def is_worthwhile(self, clusters: int) -> bool:
        """Whether a usual search is spared most of the vectors."""
        return self.probes[0] <= MOST_WORTHWHILE * clusters


def planned(
    vectors: NDArray[np.float32],
    centroids: NDArray[np.float32],
    cluster_of: NDArray[np.int32],
    *,
    seed: int = 0,
) -> Plan:
    """The fewest clusters that hold TARGET of the true neighbours, by depth.

    vectors: float32 (n, dimension), unit length, n > 1; centroids: float32 (k, dimension);
    cluster_of: int32 (n,). Up to QUERIES of the vectors are searched for exactly among the
    others; the first in the order of `agreement` are left to it where there are enough.
    """
    drawn = np.random.default_rng(seed).permutation(len(vectors))[-QUERIES:]
    depths = [min(depth, len(vectors) - 1) for depth in DEPTHS]
    # ranks[i, j]: how many clusters come before that of the j-th neighbour of query i.
    ranks = np.empty((len(drawn), depths[-1]), np.int32)
    for start in range(0, len(drawn), _AT_ONCE):
        rows = drawn[start : start + _AT_ONCE]
        exact = vectors[rows] @ vectors.T
        exact[np.arange(len(rows)), rows] = -np.inf
        order = np.argsort(-(vectors[rows] @ centroids.T), axis=1, kind="stable")
        rank_of = np.empty_like(order)
        np.put_along_axis(rank_of, order, np.arange(len(centroids))[np.newaxis], axis=1)
        nearest = _best_columns(exact, depths[-1])
        ranks[start : start + len(rows)] = np.take_along_axis(rank_of, cluster_of[nearest], axis=1)
    probes = [int(np.quantile(ranks[:, :depth], TARGET, method="higher")) + 1 for depth in depths]
    return Plan(depths=DEPTHS, probes=tuple(np.maximum.accumulate(probes).tolist()))


def _best_columns(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Of each row the columns of the `count` highest scores, the highest first."""
    chosen = np.argpartition(scores, -count, axis=1)[:, -count:]
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1)
    return np.take_along_axis(chosen, order, axis=1)
