"""What came of an evaluation: immutable values that tables, JSON and reports are made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.intervals import Interval
from evaluation.metrics import Values
from evaluation.pictures import PictureSet
from evaluation.ranking import Ranking
from evaluation.trials import Trial

HEADLINE = "R@1"
"""The measure that contenders are put in order by."""


@dataclass(frozen=True)
class Cost:
    """Of one contender, on this machine: `ms_per_picture` of processor time from its bytes to its
    description; `bytes_per_picture` in an index."""

    ms_per_picture: float
    bytes_per_picture: float


@dataclass(frozen=True)
class Part:
    """Results of some of a trial's queries, by the name of the measure."""

    queries: int
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class Outcome:
    """One contender in one trial. `values`: measure -> float64 (queries,)."""

    contender: str
    ranking: Ranking
    values: Mapping[str, Values]
    whole: Part
    parts: Mapping[str, Part]
    """By label of the column that results are broken down by, the largest first."""


@dataclass(frozen=True)
class Lead:
    """By how much the best contender of a trial is ahead of the next, in R@1."""

    best: str
    next: str
    difference: Interval


@dataclass(frozen=True)
class TrialResult:
    trial: Trial
    group_count: int
    outcomes: tuple[Outcome, ...]
    lead: Lead | None
    """None where there was one contender."""


@dataclass(frozen=True)
class Evaluation:
    pictures: PictureSet
    costs: Mapping[str, Cost]
    """By the contender's name, in the order they were named."""
    results: tuple[TrialResult, ...]
    broken_down_by: str | None
