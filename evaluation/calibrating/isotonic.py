"""Isotonic regression: the best non-decreasing function, with no other assumption."""

from collections.abc import Sequence

import numpy as np

from embedding.match_probability import ProbabilityMap
from evaluation.calibrating.samples import Floats, Samples

# Blocks nearer to each other than this are joined: a card holds a short table.
_STEP = 0.01
# Scores are of single precision: this keeps apart what they tell apart.
_DIGITS = 9


def pool_adjacent_violators(targets: Floats, weights: Floats) -> Floats:
    """The non-decreasing values (n,) nearest to `targets` (n,) in weighted squares.

    Ayer et al. 1955, "An empirical distribution function for sampling with incomplete
    information": neighbours that are in the wrong order are replaced by their mean, until none
    are.
    """
    # Blocks so far: mean, weight, number of values.
    means: list[float] = []
    masses: list[float] = []
    sizes: list[int] = []
    for target, weight in zip(targets.tolist(), weights.tolist(), strict=True):
        mean, mass, size = target, weight, 1
        while means and means[-1] >= mean:
            before = masses.pop()
            mean = (means.pop() * before + mean * mass) / (before + mass)
            mass += before
            size += sizes.pop()
        means.append(mean)
        masses.append(mass)
        sizes.append(size)
    return np.repeat(means, sizes)


def fit_isotonic(samples: Samples) -> ProbabilityMap:
    """Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability
    estimates", on Platt's smoothed targets and within the bounds of what may be claimed.

    Each block becomes two knots, at its ends; between blocks the map is linear.
    """
    scores, place = np.unique(np.round(samples.similarities, _DIGITS), return_inverse=True)
    # Equal scores cannot be told apart: they are one point.
    masses: Floats = np.bincount(place, samples.weights).astype(np.float64)
    targets = np.bincount(place, samples.weights * samples.smoothed_targets()) / masses
    values = pool_adjacent_violators(targets, masses)
    starts = np.flatnonzero(np.diff(values, prepend=-1.0) > 0.0)
    blocks = _joined(values[starts], np.add.reduceat(masses, starts))
    first = starts[[each[0] for each in blocks]]
    last = np.append(first[1:], len(scores)) - 1
    similarities: list[float] = []
    probabilities: list[float] = []
    for begin, end, (_, probability) in zip(first, last, blocks, strict=True):
        for score in sorted({float(scores[begin]), float(scores[end])}):
            similarities.append(round(score, _DIGITS))
            probabilities.append(probability)
    bounded = np.clip(np.round(probabilities, 9), *samples.bounds())
    return ProbabilityMap(similarities=tuple(similarities), probabilities=tuple(bounded.tolist()))


def _joined(values: Floats, masses: Floats) -> Sequence[tuple[int, float]]:
    """The first block and the mean of each run of blocks that hardly differ."""
    runs: list[tuple[int, float, float]] = []
    lowest = -1.0
    for place, (value, mass) in enumerate(zip(values.tolist(), masses.tolist(), strict=True)):
        if runs and value - lowest < _STEP:
            start, mean, before = runs[-1]
            runs[-1] = (start, (mean * before + value * mass) / (before + mass), before + mass)
        else:
            runs.append((place, value, mass))
            lowest = value
    return [(start, mean) for start, mean, _ in runs]
