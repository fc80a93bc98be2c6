"""The queries a contender did worst on, as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.pictures import Picture
from evaluation.relations import RELEVANT
from evaluation.results import Outcome
from evaluation.trials import Trial


@dataclass(frozen=True)
class Hit:
    picture: Picture
    is_relevant: bool


@dataclass(frozen=True)
class Failure:
    """A query whose nearest relevant picture, `nearest`, only came at rank `rank`."""

    query: Picture
    hits: Sequence[Hit]
    nearest: Picture
    rank: int


def worst_queries(trial: Trial, outcome: Outcome, count: int) -> list[Failure]:
    """Up to `count` queries not answered at rank 1, the worst first, one of each group."""
    ranks = outcome.ranking.found.first
    chosen: dict[int, int] = {}
    for place in np.argsort(-ranks, kind="stable").tolist():
        if ranks[place] == 1 or len(chosen) == count:
            break
        chosen.setdefault(int(trial.groups[place]), place)
    return [_failure(trial, outcome, place) for place in chosen.values()]


def _failure(trial: Trial, outcome: Outcome, place: int) -> Failure:
    verdicts = trial.judge(trial.queries[place : place + 1], trial.gallery)[0]
    hits = [each for each in outcome.ranking.hits[place].tolist() if each >= 0]
    shown = trial.pictures.pictures
    return Failure(
        query=shown[trial.queries[place]],
        hits=[Hit(shown[trial.gallery[each]], bool(verdicts[each] == RELEVANT)) for each in hits],
        nearest=shown[trial.gallery[outcome.ranking.nearest[place]]],
        rank=int(outcome.ranking.found.first[place]),
    )
