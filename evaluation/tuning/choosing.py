"""The best balance for some queries: a grid over all balances, refined around its best."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.trials import Trial
from evaluation.tuning.candidates import Balances, grid, neighbours
from evaluation.tuning.part_ranks import Parts, first_ranks

_FINEST = 0.025
_PLATEAU = 0.005


def choose(trials: Sequence[Trial], parts: Parts) -> NDArray[np.float64]:
    """(parts,): the shares that find most at the first rank, in the mean over the trials.

    R@1 is a step function with chance in every step, so that the very best balance is one of many
    that are as good: the mean of all that were tried and lie within half a point of the best is
    taken, if it is as good as they are.
    """
    tried, step = grid(len(parts))
    gained = _mean_hits(trials, parts, tried)
    while step > _FINEST + 1e-9:
        step /= 2.0
        best = tried[gained.argmax()]
        while True:
            near = neighbours(best, step)
            found = _mean_hits(trials, parts, near)
            tried, gained = np.concatenate([tried, near]), np.concatenate([gained, found])
            if gained.max() <= gained[: -len(found)].max():
                break
            best = tried[gained.argmax()]
    plateau: NDArray[np.float64] = tried[gained >= gained.max() - _PLATEAU].mean(axis=0)
    if _mean_hits(trials, parts, plateau[np.newaxis])[0] >= gained.max() - _PLATEAU:
        return plateau
    highest: NDArray[np.float64] = tried[gained.argmax()]
    return highest


def _mean_hits(trials: Sequence[Trial], parts: Parts, balances: Balances) -> NDArray[np.float64]:
    """(balances,): R@1, the mean over the trials."""
    hits = [(first_ranks(trial, parts, balances) == 1).mean(axis=1) for trial in trials]
    mean: NDArray[np.float64] = np.mean(hits, axis=0)
    return mean
