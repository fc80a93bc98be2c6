"""What came of tuning: immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Interval
from evaluation.metrics import Values

Weights = Mapping[str, float]
"""Part -> share, adding up to 1, in the order of the model's vector."""

TUNED = "tuned"
AS_IT_IS = "as it is"


@dataclass(frozen=True)
class Hits:
    """One relation's queries, int (queries,), the unit of each, and by contestant whether its first
    hit is relevant: 1.0 or 0.0."""

    relation: str
    queries: NDArray[np.int64]
    units: NDArray[np.int64]
    by_contestant: Mapping[str, Values]


@dataclass(frozen=True)
class Measured:
    """R@1 on queries that chose nothing. By contestant: `tuned`, `as it is`, and each part alone.

    `by_relation`: contestant -> relation -> R@1. `mean`: contestant -> the mean over relations.
    `gains`: rival -> by how much `tuned` is ahead in that mean; `gains_by_relation` alike.
    `queries`: relation -> how many; they are of `units` products (or styles).
    """

    by_relation: Mapping[str, Mapping[str, Interval]]
    mean: Mapping[str, Interval]
    gains: Mapping[str, Interval]
    gains_by_relation: Mapping[str, Mapping[str, Interval]]
    queries: Mapping[str, int]
    units: int


@dataclass(frozen=True)
class Fold:
    """`weights` were chosen on one half, of `chosen_on` units, and `measured` on the other."""

    weights: Weights
    chosen_on: int
    measured: Measured


@dataclass(frozen=True)
class Tuning:
    """Immutable.

    `folds`: each half has chosen for the other. `whole`: all queries, each under the weights that
    the other half chose; `hits` are what it was measured from. `recommended`: the mean of both
    halves' weights. `as_it_is`: the weights searched with now; `stored`: those of the model's
    vectors. `split_by`: columns whose labels lie in one half only; empty where each picture is for
    itself. `shift`: see `embedding.fused.balance.Balance`, of the recommended weights.
    """

    source: str
    model: str
    relations: tuple[str, ...]
    split_by: tuple[str, ...]
    folds: tuple[Fold, Fold]
    whole: Measured
    hits: tuple[Hits, ...]
    recommended: Weights
    as_it_is: Weights
    stored: Weights
    shift: float

    @property
    def gain(self) -> Interval:
        """Over the weights as they are, in the mean over relations."""
        return self.whole.gains[AS_IT_IS]

    @property
    def is_gain(self) -> bool:
        """Whether chance alone would hardly have gained as much."""
        return self.gain.low > 0.0
