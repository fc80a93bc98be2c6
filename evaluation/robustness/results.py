"""What the trials found. Values from 0 to 1; intervals hold 95 % of resampled means."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.intervals import Interval
from evaluation.robustness.effects import EffectResult, FactorPair
from evaluation.robustness.subjects import Sample
from evaluation.robustness.transforms import Change


@dataclass(frozen=True)
class ChangeResult:
    """One contender, one transform at one strength.

    `similarity`: of original and changed picture, the mean; `above`: the share of them at or above
    the threshold; `unrelated`: the mean of changed pictures and originals of other products.
    `separation`: the chance that a changed picture scores higher with its original than an
    unrelated pair does (the area under the ROC curve). `found`: the share of changed pictures that
    find their original before every other one (R@1). None where a contender has no such scale.
    """

    change: Change
    pictures: int
    similarity: Interval | None
    above: float | None
    unrelated: float | None
    separation: Interval
    found: Interval


@dataclass(frozen=True)
class ContenderResult:
    """`ms_per_comparison`: processor time of one comparison of two pictures."""

    name: str
    threshold: float | None
    ms_per_comparison: float
    changes: tuple[ChangeResult, ...]
    effects: tuple[EffectResult, ...]

    def of(self, change: Change) -> ChangeResult:
        """KeyError for a change that was not measured."""
        for each in self.changes:
            if each.change == change:
                return each
        raise KeyError(f"{change.transform.name} {change.level.name}")


@dataclass(frozen=True)
class Robustness:
    """All contenders on the same pictures: `sample`, and `pairs` that differ in one factor.

    `skipped`: transform -> names of the pictures it could not be applied to.
    """

    seed: int
    sample: Sample
    pairs: tuple[FactorPair, ...]
    skipped: Mapping[str, tuple[str, ...]]
    contenders: tuple[ContenderResult, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(each.change for each in self.contenders[0].changes)
