"""How far a mean over several relations may be off by chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Interval
from evaluation.metrics import Values


class JointBootstrap:
    """Like `Bootstrap`, for the mean over relations of each relation's mean over its queries.

    Units (products, styles) are drawn with replacement, and bring their queries of all relations
    with them; those that share a unit are no independent evidence, whatever relation they ask
    about. Every mean of one JointBootstrap is drawn with the same units: differences are paired.
    """

    def __init__(
        self, units: Sequence[NDArray[np.int64]], *, draws: int = 1000, seed: int = 0
    ) -> None:
        """`units`: of each relation, int (queries,), equal within a unit across relations."""
        every = np.unique(np.concatenate(units))
        self._units = [np.searchsorted(every, each) for each in units]
        self.unit_count = len(every)
        random = np.random.default_rng(seed)
        self._drawn = random.multinomial(
            self.unit_count, np.full(self.unit_count, 1.0 / self.unit_count), size=draws
        ).astype(np.float64)

    def mean(self, values: Sequence[Values]) -> Interval:
        """`values`: of each relation, float64 (queries,); 95 % lie within the bounds."""
        means = np.stack(
            [self._means(units, each) for units, each in zip(self._units, values, strict=True)]
        )
        # A relation none of whose units was drawn says nothing in that draw.
        low, high = np.percentile(np.nanmean(means, axis=0), [2.5, 97.5])
        return Interval(float(np.mean([each.mean() for each in values])), float(low), float(high))

    def _means(self, units: NDArray[np.int64], values: Values) -> NDArray[np.float64]:
        """(draws,), NaN where no query was drawn."""
        sums = self._drawn @ np.bincount(units, weights=values, minlength=self.unit_count)
        counts = self._drawn @ np.bincount(units, minlength=self.unit_count)
        missing = np.full(len(sums), np.nan)
        means: NDArray[np.float64] = np.divide(sums, counts, out=missing, where=counts > 0)
        return means
