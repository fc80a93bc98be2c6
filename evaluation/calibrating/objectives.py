"""Where to cut: the similarity from which on things count as matching, for a stated aim."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedding.match_probability import Cut
from evaluation.calibrating.fitting import splits
from evaluation.calibrating.samples import Floats, Samples

USAGE = "likely, f1, precision>=0.95, or cost:FP,FN such as cost:5,1"


@dataclass(frozen=True)
class Counts:
    """What each of several cuts does to the same samples, by weight; arrays (cuts,)."""

    right: Floats
    wrong: Floats
    missed: Floats
    total: float

    @property
    def precision(self) -> Floats:
        """Share of what is taken that matches; 1 where nothing is taken."""
        taken = self.right + self.wrong
        return np.divide(self.right, taken, out=np.ones_like(taken), where=taken > 0.0)

    @property
    def recall(self) -> Floats:
        """Share of what matches that is taken."""
        matching = self.right + self.missed
        return np.divide(self.right, matching, out=np.ones_like(matching), where=matching > 0.0)

    @property
    def f1(self) -> Floats:
        said: Floats = 2.0 * self.right / (2.0 * self.right + self.wrong + self.missed)
        return said


class Objective(ABC):
    """What a cut is chosen for."""

    name: str

    @abstractmethod
    def best(self, counts: Counts) -> int:
        """Place of the best cut; cuts fall, so that later ones take more."""

    def is_met(self, counts: Counts) -> bool:  # noqa: ARG002
        """Whether the best of these cuts does what was asked for."""
        return True

    def cost(self, counts: Counts) -> Floats | None:  # noqa: ARG002
        """(cuts,): what a sample costs on average, if that is the aim."""
        return None


class GreatestF1(Objective):
    name = "f1"

    def best(self, counts: Counts) -> int:
        return int(np.argmax(counts.f1))


@dataclass(frozen=True)
class PrecisionAtLeast(Objective):
    """The greatest recall at this precision."""

    least: float
    name: str

    def best(self, counts: Counts) -> int:
        if self.is_met(counts):
            return int(np.flatnonzero(self._reach(counts))[-1])
        return int(np.argmax(np.where(counts.right > 0.0, counts.precision, 0.0)))

    def is_met(self, counts: Counts) -> bool:
        return bool(self._reach(counts).any())

    def _reach(self, counts: Counts) -> NDArray[np.bool_]:
        # Taking nothing makes no mistake, and is no answer.
        reach: NDArray[np.bool_] = (counts.precision >= self.least) & (counts.right > 0.0)
        return reach


@dataclass(frozen=True)
class LeastCost(Objective):
    """`wrong`: what it costs to take what does not match; `missed`: not to take what does."""

    wrong: float
    missed: float
    name: str

    def best(self, counts: Counts) -> int:
        return int(np.argmin(self.cost(counts)))

    def cost(self, counts: Counts) -> Floats:
        costs: Floats = (self.wrong * counts.wrong + self.missed * counts.missed) / counts.total
        return costs


class Likely(Objective):
    """What matches more probably than not: where probabilities are right, no other cut makes fewer
    mistakes. The greatest F1 lies at half of itself instead, never above 0.5 (Lipton et al. 2014,
    "Optimal Thresholding of Classifiers to Maximize F1 Measure"), and takes nearly everything where
    little is told apart."""

    name = "likely"
    probability = 0.5

    def best(self, counts: Counts) -> int:
        return int(np.argmin(counts.wrong + counts.missed))


def parse_objective(text: str) -> Objective:
    """Raises ValueError, whose text says how to write one."""
    squeezed = text.replace(" ", "")
    try:
        if squeezed == "likely":
            return Likely()
        if squeezed == "f1":
            return GreatestF1()
        if squeezed.startswith("precision>="):
            least = float(squeezed.removeprefix("precision>="))
            if 0.0 < least < 1.0:
                return PrecisionAtLeast(least, squeezed)
        if squeezed.startswith("cost:"):
            wrong, missed = (float(each) for each in squeezed.removeprefix("cost:").split(","))
            if 0.0 < wrong < np.inf and 0.0 < missed < np.inf:
                return LeastCost(wrong, missed, squeezed)
    except ValueError:
        pass  # No number, or not two: answered below.
    raise ValueError(f"{text!r} is no objective; write {USAGE}")


def choose_cut(samples: Samples, objective: Objective, *, folds: int) -> Cut:
    """The cut that all samples speak for; its figures are of cuts chosen without the products that
    they are measured on. It is made in `samples.similarities`, whatever these hold."""
    right = wrong = missed = 0.0
    for fitted, held in splits(samples, folds):
        cut = _best(samples.where(fitted), objective)
        counts = _counts_at(samples.where(held), cut)
        right, wrong, missed = (
            right + float(counts.right[0]),
            wrong + float(counts.wrong[0]),
            missed + float(counts.missed[0]),
        )
    reached = Counts(
        np.array([right]), np.array([wrong]), np.array([missed]), float(samples.weights.sum())
    )
    return _cut(_best(samples, objective), objective, reached)


def likely_cut(samples: Samples, said: Floats, at: float) -> Cut:
    """The cut `at` which a match is as probable as not; its figures are of what is `said` of each
    sample by a map that was fitted without its product."""
    told = replace(samples, similarities=said)
    return _cut(at, Likely(), _counts_at(told, Likely.probability))


def _cut(at: float, objective: Objective, reached: Counts) -> Cut:
    cost = objective.cost(reached)
    return Cut(
        at=round(min(1.0, max(0.0, at)), 6),
        objective=objective.name,
        met=objective.is_met(reached),
        precision=min(1.0, float(reached.precision[0])),
        recall=min(1.0, float(reached.recall[0])),
        f1=min(1.0, float(reached.f1[0])),
        cost=None if cost is None else float(cost[0]),
    )


def _best(samples: Samples, objective: Objective) -> float:
    """The best cut, half-way to the next score that it leaves out."""
    order = np.argsort(-samples.similarities, kind="stable")
    scores = samples.similarities[order]
    weights, matches = samples.weights[order], samples.matches[order]
    # Equal scores are taken together.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    right = np.cumsum(weights * matches)[last]
    wrong = np.cumsum(weights * ~matches)[last]
    counts = Counts(right, wrong, float(right[-1]) - right, float(weights.sum()))
    best = objective.best(counts)
    below = scores[last[best] + 1] if best + 1 < len(last) else 0.0
    return float(scores[last[best]] + below) / 2.0


def _counts_at(samples: Samples, cut: float) -> Counts:
    taken = samples.similarities >= cut
    sums = [
        np.array([samples.weights[some].sum()])
        for some in (taken & samples.matches, taken & ~samples.matches, ~taken & samples.matches)
    ]
    return Counts(sums[0], sums[1], sums[2], float(samples.weights.sum()))
