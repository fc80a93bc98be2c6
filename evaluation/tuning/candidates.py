"""Balances worth trying: points of the simplex, the shares of all parts adding up to 1."""

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Balances = NDArray[np.float64]
"""(balances, parts), each row adding up to 1."""

_MOST = 300
_DIVISIONS = (20, 16, 12, 10, 8, 6, 5, 4, 3, 2, 1)


def grid(parts: int) -> tuple[Balances, float]:
    """Evenly spaced balances, those of one part alone among them, and their spacing: as fine as
    300 of them allow, 0.05 at the finest."""
    divisions = next((each for each in _DIVISIONS if comb(each + parts - 1, parts - 1) <= _MOST), 1)
    # A composition of `divisions` into `parts` numbers is a choice of the bars between them.
    bars = np.array(list(combinations(range(divisions + parts - 1), parts - 1)), dtype=np.int64)
    bars = bars.reshape(-1, parts - 1)
    ends = np.full((len(bars), 1), divisions + parts - 1)
    edges = np.concatenate([np.full((len(bars), 1), -1), bars, ends], axis=1)
    return (np.diff(edges, axis=1) - 1) / divisions, 1.0 / divisions


def neighbours(balance: NDArray[np.float64], step: float) -> Balances:
    """All that differ from `balance` in `step` of the share of one part given to another."""
    return np.array(list(_moves(balance, step))).reshape(-1, len(balance))


def rounded(balance: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """To hundredths that add up to 1, parts below `least` left out: as people can write it down."""
    kept = np.where(balance < least, 0.0, balance)
    hundredths = 100.0 * kept / kept.sum()
    whole = np.floor(hundredths)
    missing = round(100.0 - whole.sum())
    whole[np.argsort(whole - hundredths, kind="stable")[:missing]] += 1.0
    shares: NDArray[np.float64] = whole / 100.0
    return shares


def _moves(balance: NDArray[np.float64], step: float) -> Iterator[NDArray[np.float64]]:
    for giver in np.flatnonzero(balance >= step - 1e-9):
        for taker in range(len(balance)):
            if taker != giver:
                moved = balance.copy()
                moved[giver] = max(0.0, moved[giver] - step)
                moved[taker] += step
                yield moved
