"""Ranks under any number of balances, from each part's cosines computed once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from evaluation.contenders import Description
from evaluation.relations import OTHER, RELEVANT
from evaluation.trials import Trial
from evaluation.tuning.candidates import Balances

Parts = Sequence[NDArray[np.float32]]
"""Of each part of a model (pictures, length), unit vectors."""


def parts_of(card: ModelCard, descriptions: Sequence[Description]) -> Parts:
    """The parts of a fused model's vectors, each brought back to unit length."""
    vectors = np.stack(descriptions).astype(np.float32, copy=False)
    return [
        vectors[:, part.start : part.stop] / np.float32(part.weight**0.5) for part in card.parts
    ]


def first_ranks(trial: Trial, parts: Parts, balances: Balances) -> NDArray[np.int64]:
    """(balances, queries): the rank of each query's nearest relevant picture.

    A score is the weighted mean of the parts' cosines, which is what a search under that balance
    gives (docs/decisions/fusion.md), and a relevant picture ranks behind others of equal score:
    the ranks are those of `evaluation.ranking`.
    """
    weights = balances.astype(np.float32)
    searched = [part[trial.gallery] for part in parts]
    ranks = np.empty((len(balances), len(trial.queries)), dtype=np.int64)
    for some, verdicts in trial.blocks():
        asking = trial.queries[some]
        cosines = np.stack(
            [part[asking] @ gallery.T for part, gallery in zip(parts, searched, strict=True)]
        )
        relevant, others = verdicts == RELEVANT, verdicts == OTHER
        for row, weight in enumerate(weights):
            scores = np.tensordot(weight, cosines, axes=1)
            nearest = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True)
            ranks[row, some] = 1 + ((scores >= nearest) & others).sum(axis=1)
    return ranks
