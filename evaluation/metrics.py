"""Measures of ranked retrieval, from the ranks of each query's relevant pictures.

Notation: query q has R relevant pictures in its gallery, found at the ranks r_1 < … < r_R, counted
from 1. Every measure gives one value a query, 0 to 1, higher is better; their means over queries
are what tables show. A query without a relevant picture has no value: `RelevantRanks` refuses it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""One value a query: float64 (queries,), 0..1."""


@dataclass(frozen=True)
class RelevantRanks:
    """Where the relevant pictures of every query were ranked, all queries in one array.

    `ranks`: (all relevant,) from 1, ascending within a query. `counts`: (queries,), how many of
    them each query has, in the same order. Raises ValueError when they are not that.
    """

    ranks: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.counts.size and self.counts.min() < 1:
            raise ValueError("a query without relevant pictures has no ranks: leave it out")
        if len(self.ranks) != self.counts.sum():
            raise ValueError(f"{len(self.ranks)} ranks cannot be those of {self.counts.sum()}")
        rises = np.diff(self.ranks, prepend=0)
        rises[self.starts] = self.ranks[self.starts]
        if self.ranks.size and rises.min() < 1:
            raise ValueError("ranks begin at 1 and ascend within a query")

    @property
    def starts(self) -> NDArray[np.int64]:
        """(queries,): the place in `ranks` of each query's first."""
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]])[: len(self.counts)]

    @property
    def first(self) -> NDArray[np.int64]:
        """(queries,): r_1, the rank of the nearest relevant picture."""
        return self.ranks[self.starts]

    @property
    def ordinals(self) -> NDArray[np.int64]:
        """(all relevant,): i of r_i, from 1 within each query."""
        return np.arange(len(self.ranks)) - np.repeat(self.starts, self.counts) + 1

    def total(self, summands: NDArray[np.float64]) -> Values:
        """(all relevant,) -> (queries,): the sum over each query's relevant pictures."""
        query = np.repeat(np.arange(len(self.counts)), self.counts)
        totals = np.bincount(query, weights=summands, minlength=len(self.counts))
        return totals.astype(np.float64)


Measure = Callable[[RelevantRanks], Values]


def hit_rate(found: RelevantRanks, k: int) -> Values:
    """Whether a relevant picture is among the first k: [r_1 <= k].

    Metric learning calls its mean Recall@K (Jégou, Douze & Schmid 2011; Oh Song et al. 2016), and
    this is what R@1 means in tables here; elsewhere hit rate, or CMC@k.
    """
    return (found.first <= k).astype(np.float64)


def recall(found: RelevantRanks, k: int) -> Values:
    """The share of the relevant pictures that is among the first k: |{i: r_i <= k}| / R.

    Recall as in Manning, Raghavan & Schütze 2008, 8.3. With R > k it cannot reach 1.
    """
    return found.total((found.ranks <= k).astype(np.float64)) / found.counts


def precision(found: RelevantRanks, k: int) -> Values:
    """The share of the first k that is relevant: |{i: r_i <= k}| / k (Manning et al. 2008, 8.3).

    With R < k it cannot reach 1.
    """
    return found.total((found.ranks <= k).astype(np.float64)) / k


def average_precision(found: RelevantRanks, k: int | None = None) -> Values:
    """The mean of the precisions at the ranks of the relevant pictures: sum over r_i <= k of
    (i / r_i), divided by min(k, R). Its mean over queries is mAP@k, or mAP when k is None.

    Manning et al. 2008, 8.4. The denominator is the most terms the sum can have, so that 1 can be
    reached; dividing by R, as some do, punishes queries with more than k relevant pictures.
    """
    limit = np.inf if k is None else k
    summands = np.where(found.ranks <= limit, found.ordinals / found.ranks, 0.0)
    return found.total(summands) / np.minimum(found.counts, limit)


def r_precision(found: RelevantRanks) -> Values:
    """The share of the first R that is relevant: |{i: r_i <= R}| / R (Manning et al. 2008, 8.4)."""
    within = found.ranks <= np.repeat(found.counts, found.counts)
    return found.total(within.astype(np.float64)) / found.counts


def map_at_r(found: RelevantRanks) -> Values:
    """Average precision of the first R: sum over r_i <= R of (i / r_i), divided by R.

    MAP@R of Musgrave, Belongie & Lim 2020: unlike R@1 it tells rankings apart whose first is right.
    """
    within = found.ranks <= np.repeat(found.counts, found.counts)
    return found.total(np.where(within, found.ordinals / found.ranks, 0.0)) / found.counts


def reciprocal_rank(found: RelevantRanks) -> Values:
    """1 / r_1; its mean over queries is MRR (Voorhees 1999)."""
    return np.reciprocal(found.first, dtype=np.float64)


def ndcg(found: RelevantRanks, k: int) -> Values:
    """Discounted gain of the first k through the greatest possible: sum over r_i <= k of
    1 / log2(1 + r_i), divided by the sum of 1 / log2(1 + i) for i = 1 … min(k, R).

    Järvelin & Kekäläinen 2002 with gains of 0 and 1 and the discount of Burges et al. 2005.
    """
    gains = np.where(found.ranks <= k, 1.0 / np.log2(1.0 + found.ranks), 0.0)
    ideal = np.cumsum(1.0 / np.log2(1.0 + np.arange(1, k + 1)))
    greatest: Values = ideal[np.minimum(found.counts, k) - 1]
    return found.total(gains) / greatest


def measures(ks: tuple[int, ...]) -> dict[str, Measure]:
    """Every measure by the name tables give it; `ks` are the cut-offs of those that have one."""
    named: dict[str, Measure] = {f"R@{k}": _at(hit_rate, k) for k in ks}
    named |= {"mAP": average_precision, "MRR": reciprocal_rank}
    # At 1 these are R@1 again, or R@1 / R.
    for name, measure in (
        ("nDCG", ndcg),
        ("mAP", average_precision),
        ("P", precision),
        ("recall", recall),
    ):
        named |= {f"{name}@{k}": _at(measure, k) for k in ks if k > 1}
    named |= {"R-precision": r_precision, "MAP@R": map_at_r}
    return named


def _at(measure: Callable[[RelevantRanks, int], Values], k: int) -> Measure:
    return lambda found: measure(found, k)
