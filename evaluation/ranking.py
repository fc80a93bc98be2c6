"""A contender's answers to a trial: every relevant picture's rank, exactly, block by block."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Description, Ranker
from evaluation.errors import ContenderBroken
from evaluation.metrics import RelevantRanks
from evaluation.relations import IGNORED, OTHER, RELEVANT
from evaluation.trials import Trial

FIRST_HITS = 6
_OTHERS_SAMPLED = 50

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Ranking:
    """What a contender made of a trial. Places count the trial's gallery.

    `hits`: (queries, up to 6), the places ranked first, -1 where there are no more. `nearest`:
    (queries,), the place of the relevant picture ranked highest. `relevant_scores`: of every
    relevant picture, in the order of `found.ranks`; `other_scores`: up to 50 of each query's other
    pictures, evenly taken from the farthest to the nearest. `ms_per_query`: processor time of
    scoring alone.
    """

    found: RelevantRanks
    hits: NDArray[np.int64]
    nearest: NDArray[np.int64]
    relevant_scores: Scores
    other_scores: Scores
    ms_per_query: float


def rank(
    trial: Trial,
    contender: Ranker,
    descriptions: Sequence[Description],
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Ranking:
    """Ranks the trial's gallery for each of its queries; `descriptions` are of all its pictures.

    A relevant picture ranks behind every other picture of equal score, so that a contender gains
    nothing by telling few pictures apart. `advance` is told how many more queries are done.
    Raises ContenderBroken.
    """
    scorer = contender.index([descriptions[place] for place in trial.gallery])
    rows: list[_Row] = []
    seconds = 0.0
    for some, verdicts in trial.blocks():
        began = time.process_time()
        scores = scorer([descriptions[place] for place in trial.queries[some]])
        seconds += time.process_time() - began
        _check(contender, scores, verdicts.shape)
        rows.extend(_Row.of(*each) for each in zip(scores, verdicts, strict=True))
        advance(len(verdicts))
    return Ranking(
        found=RelevantRanks(
            np.concatenate([row.ranks for row in rows]),
            np.array([len(row.ranks) for row in rows], dtype=np.int64),
        ),
        hits=np.stack([row.hits for row in rows]),
        nearest=np.array([row.nearest for row in rows], dtype=np.int64),
        relevant_scores=np.concatenate([row.relevant for row in rows]),
        other_scores=np.concatenate([row.others for row in rows]),
        ms_per_query=1000.0 * seconds / len(rows),
    )


@dataclass(frozen=True)
class _Row:
    """One query's answer."""

    ranks: NDArray[np.int64]
    hits: NDArray[np.int64]
    nearest: int
    relevant: Scores
    others: Scores

    @classmethod
    def of(cls, scores: Scores, verdicts: NDArray[np.int8]) -> "_Row":
        places = np.flatnonzero(verdicts == RELEVANT)
        order = np.argsort(-scores[places], kind="stable")
        relevant = scores[places[order]]
        others = np.sort(scores[verdicts == OTHER])
        ahead = len(others) - np.searchsorted(others, relevant, side="left")
        sampled = np.linspace(0, len(others) - 1, min(_OTHERS_SAMPLED, len(others)))
        return cls(
            ranks=np.arange(1, len(places) + 1) + ahead,
            hits=_first(scores, verdicts),
            nearest=int(places[order[0]]),
            relevant=relevant,
            others=others[sampled.astype(np.int64)],
        )


def _first(scores: Scores, verdicts: NDArray[np.int8]) -> NDArray[np.int64]:
    """The places of the highest scores, the highest first, and -1 for those that are missing."""
    left = np.flatnonzero(verdicts != IGNORED)
    count = min(FIRST_HITS, len(left))
    top = left[np.argpartition(-scores[left], count - 1)[:count]]
    hits = np.full(FIRST_HITS, -1, dtype=np.int64)
    # At equal scores the relevant stand behind, as their ranks say.
    hits[:count] = top[np.lexsort((verdicts[top] == RELEVANT, -scores[top]))]
    return hits


def _check(contender: Ranker, scores: Scores, expected: tuple[int, ...]) -> None:
    if scores.shape != expected:
        raise ContenderBroken(
            f"{contender.name} gave scores of shape {scores.shape} where {expected} were asked for."
        )
    if np.isnan(scores).any():
        raise ContenderBroken(f"{contender.name} gave scores that are not numbers.")
