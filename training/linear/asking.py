"""Whether the first hit is right, for the queries of some folds, under several sets of vectors."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Values
from evaluation.relations import OTHER, RELEVANT
from evaluation.trials import Trial
from training.linear.material import FOLDS, Floats, Material

Answers = tuple[Values, ...]
"""Of each question (queries,): 1.0 where the first hit is right, 0.0 where it is not, NaN for
queries that were not asked."""


def folds_of(material: Material, *, seed: int = 0) -> NDArray[np.int64]:
    """(n,): units dealt out at random, catalogue by catalogue, those that ask apart. One that is
    in several catalogues stays where the first one dealt it. A catalogue with fewer units than
    folds gives to those that have least so far: many such would else leave one without queries."""
    fold = np.zeros(material.count, dtype=np.int64)
    of_unit = np.full(material.count, -1)
    asking_in = np.zeros(FOLDS, dtype=np.int64)
    random = np.random.default_rng(seed)
    for catalogue in material.catalogues:
        unit = material.units[catalogue.rows]
        asks = np.zeros(len(unit), dtype=np.bool_)
        for trial in catalogue.trials:
            asks[trial.queries] = True
        asking = np.unique(unit[asks])
        others = np.setdiff1d(unit, asking)
        for names in (asking, others):
            dealt = random.permutation(len(names)) % FOLDS
            if len(names) < FOLDS:
                dealt = np.argsort(asking_in, kind="stable")[dealt]
            of_unit[names] = np.where(of_unit[names] < 0, dealt, of_unit[names])
        asking_in += np.bincount(of_unit[asking], minlength=FOLDS)
        fold[catalogue.rows] = of_unit[unit]
    return fold


def answers(
    material: Material,
    candidates: Sequence[Floats],
    fold: NDArray[np.int64],
    asked: Collection[int],
) -> list[Answers]:
    """Of each candidate, (n, d) unit vectors; `asked`: the folds whose queries ask.

    They look among all pictures of their catalogue, learnt from or not: a shop's new products are
    looked for among its old ones. Of pictures that score alike the right one counts as last, as in
    `evaluation.ranking`.
    """
    found: list[list[Values]] = [[] for _ in candidates]
    for catalogue in material.catalogues:
        vectors = [each[catalogue.rows] for each in candidates]
        for trial in catalogue.trials:
            asks = np.isin(fold[catalogue.rows][trial.queries], list(asked))
            for values, hits in zip(found, _hits(trial, vectors, asks), strict=True):
                values.append(hits)
    return [tuple(each) for each in found]


def mean_of(answers_: Answers, fold: Sequence[NDArray[np.int64]], folds: Collection[int]) -> float:
    """R@1 of the queries in some folds, in the mean over the questions that they ask. `fold`: of
    each question (queries,)."""
    means = [
        values[np.isin(dealt, list(folds))].mean()
        for values, dealt in zip(answers_, fold, strict=True)
        if np.isin(dealt, list(folds)).any()
    ]
    return float(np.mean(means))


def joined_folds(of_folds: Sequence[Answers]) -> Answers:
    """Answers of every fold's queries, each asked alone -> those of all queries."""
    return tuple(np.nanmax(np.stack(each), axis=0) for each in zip(*of_folds, strict=True))


def _hits(trial: Trial, candidates: Sequence[Floats], asks: NDArray[np.bool_]) -> list[Values]:
    hits = [np.full(len(trial.queries), np.nan) for _ in candidates]
    if not asks.any():
        return hits
    places = np.flatnonzero(asks)
    asking = replace(trial, queries=trial.queries[asks], groups=trial.groups[asks])
    for some, verdicts in asking.blocks():
        relevant, others = verdicts == RELEVANT, verdicts == OTHER
        for vectors, values in zip(candidates, hits, strict=True):
            scores = vectors[asking.queries[some]] @ vectors[trial.gallery].T
            nearest = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True)
            values[places[some]] = ~((scores >= nearest) & others).any(axis=1)
    return hits
