"""Tuning a fused model: each half of the products chooses the balance that the other is measured
with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.fused.balance import Balance
from embedding.fused.making import LEAST_WEIGHT
from evaluation.contenders import Description
from evaluation.errors import NothingToMeasure
from evaluation.intervals import Interval
from evaluation.metrics import Values
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial, pair_trial
from evaluation.tuning.candidates import rounded
from evaluation.tuning.choosing import choose
from evaluation.tuning.paired import JointBootstrap
from evaluation.tuning.part_ranks import Parts, first_ranks, parts_of
from evaluation.tuning.results import AS_IT_IS, TUNED, Fold, Hits, Measured, Tuning, Weights
from evaluation.tuning.splitting import Units, halved, unit_columns, units
from evaluation.watching import Watch

LEAST_UNITS = 10
"""In a half. Fewer products say little, and chance decides between balances."""

_MOST_CHOOSING = 2000


@dataclass(frozen=True)
class Aim:
    """One relation to be good at: who asks and what is searched, bool (pictures,). `relation` is
    None for pictures that come in pairs."""

    relation: Relation | None
    queries: NDArray[np.bool_]
    gallery: NDArray[np.bool_]


def aims_of(pictures: PictureSet, relations: Sequence[Relation]) -> list[Aim]:
    """One for each relation, or for the pairs; as the set says who asks and what is searched."""
    each: Sequence[Relation | None] = [None] if pictures.same is not None else relations
    return [Aim(relation, pictures.queries, pictures.gallery) for relation in each]


def tune(
    pictures: PictureSet,
    aims: Sequence[Aim],
    card: ModelCard,
    descriptions: Sequence[Description],
    *,
    as_it_is: Mapping[str, float] | None = None,
    split_by: str | None = None,
    seed: int = 0,
    watch: Watch,
) -> Tuning:
    """The balance with which a fused model finds most of what the aims ask for, in their mean.

    `descriptions`: the model's vector of every picture. `as_it_is`: the weights searched with now;
    None for those of the model. `split_by`: a column whose labels are to lie in one half only,
    besides products and what the relations ask for. A half chooses among its own pictures alone;
    what is measured then is a search among all pictures.

    Raises WeightsInvalid for a model that is not fused, NothingToMeasure when there is too little
    to choose by, SourceInvalid for a column that is not there.
    """
    now = Balance(card, card.weights if as_it_is is None else as_it_is).weights
    parts = parts_of(card, descriptions)
    relations = [aim.relation for aim in aims if aim.relation is not None]
    columns = unit_columns(pictures, relations)
    if split_by is not None and split_by not in columns:
        columns = (*columns, split_by)
    unit = units(pictures, columns)
    trials = [_trial(pictures, aim) for aim in aims]
    answered = np.zeros(len(pictures.pictures), dtype=np.bool_)
    for trial in trials:
        answered[trial.queries] = True
    _check(pictures, unit, answered)
    first = halved(pictures, unit, answered, seed=seed)
    rivals = {AS_IT_IS: now} | {
        f"{name} alone": {other: float(other == name) for other in card.weights}
        for name in card.weights
    }
    folds: list[Fold] = []
    found: list[list[Hits]] = []
    for half in (first, ~first):
        with watch.step(f"choose a balance on half {len(folds) + 1} of 2", 1):
            chosen = _chosen(pictures, aims, unit, half, parts, list(card.weights), seed)
        hits = [
            _hits(_asked(each, ~half), unit, parts, {TUNED: chosen} | rivals) for each in trials
        ]
        ours = len(np.unique(unit[half & answered]))
        folds.append(Fold(chosen, ours, measured(hits)))
        found.append(hits)
    whole = tuple(_joined(*both) for both in zip(*found, strict=True))
    recommended = _mean([fold.weights for fold in folds])
    return Tuning(
        source=pictures.source,
        model=card.name,
        relations=tuple(trial.name for trial in trials),
        split_by=columns,
        folds=(folds[0], folds[1]),
        whole=measured(whole),
        hits=whole,
        recommended=recommended,
        as_it_is=now,
        stored=card.weights,
        shift=Balance(card, recommended).shift,
    )


def _trial(pictures: PictureSet, aim: Aim, within: NDArray[np.bool_] | None = None) -> Trial:
    """The aim's trial, or, `within` some pictures, that among them alone."""
    everyone = np.ones(len(pictures.pictures), dtype=np.bool_)
    some = everyone if within is None else within
    asked = replace(pictures, queries=aim.queries & some, gallery=aim.gallery & some)
    return pair_trial(asked) if aim.relation is None else label_trial(asked, aim.relation)


def _asked(trial: Trial, half: NDArray[np.bool_]) -> Trial:
    """The trial with the queries of one half."""
    kept = half[trial.queries]
    return replace(trial, queries=trial.queries[kept], groups=trial.groups[kept])


def _check(pictures: PictureSet, unit: Units, answered: NDArray[np.bool_]) -> None:
    count = len(np.unique(unit[answered]))
    if count < 2 * LEAST_UNITS:
        raise NothingToMeasure(
            f"{pictures.source}: only {count} products (or styles, or whatever is asked for) have "
            f"something to find, and tuning takes {2 * LEAST_UNITS} or more: one half chooses, the "
            "other measures. Add products with several pictures, or ask for another --relation."
        )


def _chosen(
    pictures: PictureSet,
    aims: Sequence[Aim],
    unit: Units,
    half: NDArray[np.bool_],
    parts: Parts,
    names: Sequence[str],
    seed: int,
) -> Weights:
    trials = [_sampled(_trial(pictures, aim, half), unit, seed) for aim in aims]
    shares = rounded(choose(trials, parts), LEAST_WEIGHT)
    return dict(zip(names, shares.tolist(), strict=True))


def _sampled(trial: Trial, unit: Units, seed: int) -> Trial:
    """Whole units of queries, drawn at random, where there are more than choosing needs."""
    if len(trial.queries) <= _MOST_CHOOSING:
        return trial
    of_query = unit[trial.queries]
    names, counts = np.unique(of_query, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    taken = names[order[np.cumsum(counts[order]) <= _MOST_CHOOSING]]
    kept = np.isin(of_query, taken)
    return replace(trial, queries=trial.queries[kept], groups=trial.groups[kept])


def _hits(trial: Trial, unit: Units, parts: Parts, contestants: Mapping[str, Weights]) -> Hits:
    balances = np.array([list(weights.values()) for weights in contestants.values()])
    ranks = first_ranks(trial, parts, balances)
    return Hits(
        trial.name,
        trial.queries,
        unit[trial.queries],
        {name: (row == 1).astype(np.float64) for name, row in zip(contestants, ranks, strict=True)},
    )


def _joined(one: Hits, other: Hits) -> Hits:
    return Hits(
        one.relation,
        np.concatenate([one.queries, other.queries]),
        np.concatenate([one.units, other.units]),
        {
            name: np.concatenate([values, other.by_contestant[name]])
            for name, values in one.by_contestant.items()
        },
    )


def measured(hits: Sequence[Hits]) -> Measured:
    """One relation each; all of the same contestants, `tuned` among them."""
    contestants = list(hits[0].by_contestant)
    groups = [each.units for each in hits]
    joint = JointBootstrap(groups)
    alone = [JointBootstrap([each]) for each in groups]
    values = {name: [each.by_contestant[name] for each in hits] for name in contestants}
    ahead = {
        rival: [mine - theirs for mine, theirs in zip(values[TUNED], values[rival], strict=True)]
        for rival in contestants
        if rival != TUNED
    }

    def by_relation(each: Sequence[Values]) -> dict[str, Interval]:
        return {
            found.relation: own.mean([one])
            for found, own, one in zip(hits, alone, each, strict=True)
        }

    return Measured(
        by_relation={name: by_relation(each) for name, each in values.items()},
        mean={name: joint.mean(each) for name, each in values.items()},
        gains={name: joint.mean(each) for name, each in ahead.items()},
        gains_by_relation={name: by_relation(each) for name, each in ahead.items()},
        queries={each.relation: len(each.queries) for each in hits},
        units=joint.unit_count,
    )


def _mean(weights: Sequence[Weights]) -> Weights:
    shares = np.mean([list(each.values()) for each in weights], axis=0)
    return dict(zip(weights[0], rounded(shares, LEAST_WEIGHT).tolist(), strict=True))
