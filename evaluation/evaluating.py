"""The whole of it: describe, drop what nobody can read, rank, measure, and say how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Contender
from evaluation.describing import Described, bytes_per_picture, describe, ms_per_picture
from evaluation.description_cache import DescriptionCache
from evaluation.errors import RelationInvalid, SourceInvalid
from evaluation.intervals import Bootstrap
from evaluation.metrics import Values, measures
from evaluation.pictures import PictureSet
from evaluation.ranking import rank
from evaluation.relations import Relation
from evaluation.results import (
    HEADLINE,
    Cost,
    Evaluation,
    Lead,
    Outcome,
    Part,
    TrialResult,
)
from evaluation.trials import Trial, label_trial, pair_trial
from evaluation.watching import Watch

_USUAL_RELATIONS = ("product_id", "class", "category")


@dataclass(frozen=True)
class Options:
    """What is asked: `relations` (none: those the columns suggest), the cut-offs `ks`, the columns
    that intervals are drawn by (none: the relation's own) and broken down by (none: `category`)."""

    relations: tuple[Relation, ...] = ()
    ks: tuple[int, ...] = (1, 5, 10)
    resample_by: str | None = None
    break_down_by: str | None = None
    draws: int = 1000
    seed: int = 0


def evaluate(
    pictures: PictureSet,
    contenders: Sequence[Contender],
    options: Options,
    *,
    cache: DescriptionCache,
    threads: int,
    watch: Watch,
) -> Evaluation:
    """Puts the same trials to every contender, on the pictures that all of them can read.

    Raises SourceInvalid, RelationInvalid, NothingToMeasure, ContenderBroken, ModelError.
    """
    # Before anything is described: a column that is not there should be known at once.
    _trials(pictures, options)
    _break_down_column(pictures, options)
    described = {each.name: _describe(each, pictures, cache, threads, watch) for each in contenders}
    unreadable = {
        content: why for each in described.values() for content, why in each.unreadable.items()
    }
    readable = pictures.without(unreadable)
    if not readable.pictures:
        raise SourceInvalid(
            f"{pictures.source}: no picture can be read. The first: "
            f"{next(iter(readable.unreadable.values()))}"
        )
    trials = _trials(readable, options)
    costs = {each.name: _cost(each, described[each.name], readable, watch) for each in contenders}
    by = _break_down_column(readable, options)
    return Evaluation(
        pictures=readable,
        costs=costs,
        results=tuple(
            _result(trial, contenders, described, by, options, watch) for trial in trials
        ),
        broken_down_by=by,
    )


def usual_relations(pictures: PictureSet) -> list[Relation]:
    """Those of the usual columns in which at least two pictures agree. Raises RelationInvalid."""
    found = [
        Relation((column,))
        for column in _USUAL_RELATIONS
        if column in pictures.labels and _is_shared(pictures, column)
    ]
    if not found:
        raise RelationInvalid(
            f"{pictures.source}: no two pictures have the same "
            f"{', '.join(_USUAL_RELATIONS[:-1])} or {_USUAL_RELATIONS[-1]}. Say which column makes "
            f"pictures alike: --relation COLUMN, one of {', '.join(pictures.labels)}."
        )
    return found


def _trials(pictures: PictureSet, options: Options) -> list[Trial]:
    if pictures.same is not None:
        if options.relations:
            raise RelationInvalid("A CSV of pairs has its relation in the column `same`.")
        return [pair_trial(pictures)]
    return [
        label_trial(pictures, each, resample_by=options.resample_by)
        for each in options.relations or usual_relations(pictures)
    ]


def _is_shared(pictures: PictureSet, column: str) -> bool:
    codes = pictures.codes(column)
    return bool(np.bincount(codes[codes >= 0]).max(initial=0) > 1)


def _describe(
    contender: Contender, pictures: PictureSet, cache: DescriptionCache, threads: int, watch: Watch
) -> Described:
    contents = {each.content_sha256 for each in pictures.pictures}
    with watch.step(f"{contender.name}: describe pictures", len(contents)) as advance:
        return describe(
            contender,
            pictures.pictures,
            cache,
            known=pictures.known.get(contender.key, {}),
            threads=threads,
            advance=advance,
        )


def _cost(contender: Contender, described: Described, pictures: PictureSet, watch: Watch) -> Cost:
    with watch.step(f"{contender.name}: take the time of one picture", 1):
        return Cost(
            ms_per_picture=ms_per_picture(contender, pictures.pictures),
            bytes_per_picture=bytes_per_picture(contender, described.of(pictures.pictures)),
        )


def _break_down_column(pictures: PictureSet, options: Options) -> str | None:
    if options.break_down_by is not None:
        pictures.codes(options.break_down_by)
        return options.break_down_by
    return "category" if "category" in pictures.labels else None


def _result(
    trial: Trial,
    contenders: Sequence[Contender],
    described: Mapping[str, Described],
    by: str | None,
    options: Options,
    watch: Watch,
) -> TrialResult:
    bootstrap = Bootstrap(trial.groups, draws=options.draws, seed=options.seed)
    outcomes = []
    for contender in contenders:
        descriptions = described[contender.name].of(trial.pictures.pictures)
        with watch.step(f"{contender.name}: rank, {trial.name}", len(trial.queries)) as advance:
            ranking = rank(trial, contender, descriptions, advance=advance)
        values = {name: measure(ranking.found) for name, measure in measures(options.ks).items()}
        outcomes.append(
            Outcome(
                contender=contender.name,
                ranking=ranking,
                values=values,
                whole=_part(values, bootstrap),
                parts={} if by is None else _parts(trial, values, by, options),
            )
        )
    return TrialResult(trial, bootstrap.group_count, tuple(outcomes), _lead(outcomes, bootstrap))


def _part(values: Mapping[str, Values], bootstrap: Bootstrap) -> Part:
    return Part(
        queries=len(next(iter(values.values()))),
        intervals={name: bootstrap.mean(each) for name, each in values.items()},
    )


def _parts(
    trial: Trial, values: Mapping[str, Values], by: str, options: Options
) -> dict[str, Part]:
    labels = np.array(trial.pictures.labels[by])[trial.queries]
    names, counts = np.unique(labels, return_counts=True)
    parts = {}
    for name in names[np.argsort(-counts, kind="stable")].tolist():
        some: NDArray[np.bool_] = labels == name
        groups = trial.groups[some]
        if np.all(groups == groups[0]):
            # Of a single group nothing else can be drawn; its mean is not certain for all that.
            groups = np.arange(len(groups))
        bootstrap = Bootstrap(groups, draws=options.draws, seed=options.seed)
        parts[name] = _part({each: all_[some] for each, all_ in values.items()}, bootstrap)
    return parts


def _lead(outcomes: Sequence[Outcome], bootstrap: Bootstrap) -> Lead | None:
    if len(outcomes) < 2:
        return None
    best, second = sorted(
        outcomes, key=lambda each: each.whole.intervals[HEADLINE].mean, reverse=True
    )[:2]
    return Lead(
        best.contender,
        second.contender,
        bootstrap.difference(best.values[HEADLINE], second.values[HEADLINE]),
    )
