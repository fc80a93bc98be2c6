"""How many copies were found, and how many strangers taken for copies, with intervals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Interval

Pair = tuple[str, str]
"""Two names, the lesser first."""

_DRAWS = 1000


@dataclass(frozen=True)
class Score:
    """Over pairs. `found` of `true` pairs, and `wrong` ones beside them."""

    precision: Interval
    recall: Interval
    f1: Interval
    found: int
    true: int
    wrong: int


def scored(said: Iterable[Pair], family: Mapping[str, int]) -> Score:
    """The score of the pairs that a method says are copies.

    `family`: name -> the original it comes from; pairs within a family are true, all others are
    not. Precision found / said, recall found / true, F1 their harmonic mean 2 found / (said +
    true). Intervals hold 95 % of 1,000 resamplings of the families (percentile bootstrap), since
    the pairs of one original succeed or fail together; a wrong pair counts half in each of its
    two families.
    """
    families = max(family.values()) + 1
    found, true, wrong = (np.zeros(families) for _ in range(3))
    sizes = np.bincount(list(family.values()), minlength=families)
    true += sizes * (sizes - 1) / 2
    for one, other in set(said):
        if family[one] == family[other]:
            found[family[one]] += 1
        else:
            wrong[family[one]] += 0.5
            wrong[family[other]] += 0.5
    random = np.random.default_rng(0)
    drawn = np.stack(
        [
            np.bincount(random.integers(families, size=families), minlength=families)
            for _ in range(_DRAWS)
        ]
    )
    return Score(
        precision=_interval(found, found + wrong, drawn),
        recall=_interval(found, true, drawn),
        f1=_interval(2 * found, found + wrong + true, drawn),
        found=int(found.sum()),
        true=int(true.sum()),
        wrong=int(wrong.sum()),
    )


def _interval(
    part: NDArray[np.float64], whole: NDArray[np.float64], drawn: NDArray[np.int64]
) -> Interval:
    """Of the ratio of sums; 0 where the whole is empty."""
    ratios = (drawn @ part) / np.maximum(drawn @ whole, 1e-9)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Interval(float(part.sum() / max(1e-9, whole.sum())), float(low), float(high))
