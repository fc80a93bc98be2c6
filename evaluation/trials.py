"""One question put to every contender: these queries, this gallery, these right answers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import NothingToMeasure
from evaluation.pictures import PictureSet
from evaluation.relations import IGNORED, RELEVANT, Judge, Positions, Relation, Verdicts

_JUDGED_AT_ONCE = 2**22


@dataclass(frozen=True)
class Trial:
    """Queries that have something to find, and the gallery they are looked for in.

    `name` says what counts as found, `groups` (queries,) what is drawn together for intervals, and
    `group_column` what the groups are. `without_relevant` queries had nothing to find and
    `unlabelled` pictures had no label: both are left out, and counted here.
    """

    name: str
    pictures: PictureSet
    queries: Positions
    gallery: Positions
    groups: NDArray[np.int64]
    group_column: str
    judge: Judge
    without_relevant: int = 0
    unlabelled: int = 0

    def blocks(self) -> Iterator[tuple[slice, Verdicts]]:
        """All queries, some at a time, with what each of the gallery is to them."""
        step = max(1, _JUDGED_AT_ONCE // max(1, len(self.gallery)))
        for start in range(0, len(self.queries), step):
            some = slice(start, min(start + step, len(self.queries)))
            yield some, self.judge(self.queries[some], self.gallery)


def label_trial(
    pictures: PictureSet, relation: Relation, *, resample_by: str | None = None
) -> Trial:
    """The trial of a relation between labels.

    A query's gallery lacks the query itself and every exact copy of it (they would be found at
    once, and say nothing), and what the relation leaves open. `resample_by`: the column whose
    labels are drawn together; None is the relation's first.

    Raises SourceInvalid for an unknown column, NothingToMeasure when no query has an answer.
    """
    known = relation.known(pictures)
    column = resample_by or relation.same[0]
    return _trial(
        name=relation.name,
        pictures=pictures,
        queries=np.flatnonzero(pictures.queries & known),
        gallery=np.flatnonzero(pictures.gallery & known),
        groups=pictures.codes(column),
        group_column=column,
        judge=_not_itself(pictures, relation.judge(pictures)),
        unlabelled=int(((pictures.queries | pictures.gallery) & ~known).sum()),
        advice=(
            f"no picture asked about has another one with the {relation.name} to be found. "
            "Choose a column that several pictures share (--relation), or other pictures."
        ),
    )


def pair_trial(pictures: PictureSet) -> Trial:
    """The trial of a set made of pairs: each left picture should find what was paired with it.

    What no pair calls the same counts as different. Queries are drawn one by one for intervals.
    Raises NothingToMeasure when no pair is the same.
    """
    return _trial(
        name="paired as the same",
        pictures=pictures,
        queries=np.flatnonzero(pictures.queries),
        gallery=np.flatnonzero(pictures.gallery),
        groups=pictures.content_codes(),
        group_column="picture",
        judge=_not_itself(pictures, _pair_judge(pictures)),
        unlabelled=0,
        advice="no pair is marked as the same. Put 1 (or true, yes) into the column `same`.",
    )


def _trial(
    *,
    name: str,
    pictures: PictureSet,
    queries: Positions,
    gallery: Positions,
    groups: NDArray[np.int64],
    group_column: str,
    judge: Judge,
    unlabelled: int,
    advice: str,
) -> Trial:
    every = Trial(name, pictures, queries, gallery, groups[queries], group_column, judge)
    answered = np.zeros(len(queries), dtype=np.bool_)
    for some, verdicts in every.blocks():
        answered[some] = (verdicts == RELEVANT).any(axis=1)
    if not answered.any():
        raise NothingToMeasure(f"{pictures.source}: {advice}")
    kept = queries[answered]
    return Trial(
        name,
        pictures,
        kept,
        gallery,
        _numbered(groups[kept]),
        group_column,
        judge,
        without_relevant=int((~answered).sum()),
        unlabelled=unlabelled,
    )


def _numbered(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Queries whose group is not known (-1) become groups of their own."""
    alone = groups < 0
    numbered = groups.copy()
    numbered[alone] = groups.max(initial=0) + 1 + np.arange(alone.sum())
    return numbered


def _not_itself(pictures: PictureSet, judge: Judge) -> Judge:
    contents = pictures.content_codes()

    def judged(queries: Positions, gallery: Positions) -> Verdicts:
        verdicts = judge(queries, gallery)
        verdicts[contents[queries][:, None] == contents[gallery]] = IGNORED
        return verdicts

    return judged


def _pair_judge(pictures: PictureSet) -> Judge:
    same = pictures.same or {}

    def judged(queries: Positions, gallery: Positions) -> Verdicts:
        verdicts = np.zeros((len(queries), len(gallery)), dtype=np.int8)
        for row, query in enumerate(queries):
            verdicts[row] = np.isin(gallery, list(same.get(int(query), ())))
        return verdicts

    return judged
