"""How far a mean over queries may be off by chance: the bootstrap over groups of queries."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A mean and the bounds that hold it with the stated confidence."""

    mean: float
    low: float
    high: float


def interval_json(interval: Interval) -> dict[str, float]:
    """For programs: a millionth is less than any interval knows."""
    return {
        "mean": round(interval.mean, 6),
        "low": round(interval.low, 6),
        "high": round(interval.high, 6),
    }


class Bootstrap:
    """Percentile intervals (Efron & Tibshirani 1993, 13.3) of means over queries.

    Queries are drawn by whole groups, with replacement: pictures of one product succeed or fail
    together, and drawn one by one they would pass for independent evidence and narrow the interval
    (the cluster bootstrap: Davison & Hinkley 1997, 3.8). `groups`: int (queries,), equal within a
    group. Every mean of one Bootstrap is drawn with the same groups, so that differences between
    contenders are paired. Deterministic in `seed`.
    """

    def __init__(
        self,
        groups: NDArray[np.int64],
        *,
        draws: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> None:
        if not groups.size:
            raise ValueError("there are no queries to draw from")
        _, self._group = np.unique(groups, return_inverse=True)
        self.group_count = int(self._group.max()) + 1
        random = np.random.default_rng(seed)
        count = self.group_count
        # How often each group was drawn; single precision keeps such counts exactly.
        self._drawn = np.empty((draws, count), dtype=np.float32)
        for draw in self._drawn:
            draw[:] = np.bincount(random.integers(count, size=count), minlength=count)
        self._queries_drawn = self._drawn @ self._sums(np.ones(len(groups)))
        self._tails = 50.0 * (1.0 - confidence)

    def mean(self, values: NDArray[np.float64]) -> Interval:
        """The interval of the mean of `values`: float64 (queries,)."""
        means = (self._drawn @ self._sums(values)) / self._queries_drawn
        return Interval(float(values.mean()), *self.bounds(means))

    def difference(self, values: NDArray[np.float64], others: NDArray[np.float64]) -> Interval:
        """The interval of mean(values) - mean(others), measured on the same queries: one that
        does not hold 0 says which contender is better."""
        return self.mean(values - others)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(draws, columns): of `values` (queries, columns) over what each draw holds, for
        statistics that are no mean over queries but are made of sums."""
        of_groups = np.stack([self._sums(column) for column in values.T], axis=1)
        return (self._drawn @ of_groups).astype(np.float64)

    def bounds(self, drawn: NDArray[np.floating[Any]]) -> tuple[float, float]:
        """Of a statistic of every draw (draws,)."""
        low, high = np.percentile(drawn, [self._tails, 100.0 - self._tails])
        return float(low), float(high)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        sums = np.bincount(self._group, weights=values, minlength=self.group_count)
        return sums.astype(np.float32)
