"""Outcomes of all variants side by side, with how far chance may have moved them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.intervals import Bootstrap, Interval, interval_json
from evaluation.metrics import Values
from evaluation.trials import Trial
from training.ablation.measuring import DISTANCES
from training.ablation.outcome import Outcome
from training.ablation.variants import Variant
from training.losses.settings import LossName


@dataclass(frozen=True)
class Row:
    """A variant. `recall_at_1`, by each distance, is the mean over seeds and queries; intervals
    hold 95 % of what drawing other products would give. Of other seeds they know nothing: for
    those there is `by_seed`, R@1 by cosine. Differences are paired by query.

    gain: R@1 by cosine less that of the plain network of one scale, or of as many scales where
        there is none; None for the plain network itself
    steps, seconds: of training, the mean over seeds
    is_start: whether every seed kept the weights it started with, since validation found no more
        after any epoch; what is measured then is the start, not the loss
    """

    variant: Variant
    recall_at_1: dict[str, Interval]
    fractional_over_cosine: Interval
    gain: Interval | None
    by_seed: tuple[float, ...]
    dimension: int
    steps: int
    seconds: float
    is_start: bool


@dataclass(frozen=True)
class Contrast:
    """R@1 by cosine of the multi-scale form less that of the single-scale one, with that loss; None
    for plain networks."""

    loss: LossName | None
    difference: Interval


@dataclass(frozen=True)
class Ablation:
    """`rows` in the order of the variants; `of_form` for losses that were trained with both."""

    source: str
    queries: int
    gallery: int
    products: int
    seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    of_form: tuple[Contrast, ...]


def compare(
    trial: Trial, outcomes: Mapping[Variant, Sequence[Outcome]], seeds: Sequence[int]
) -> Ablation:
    """The outcomes of one trial, of each variant one for each of `seeds`."""
    bootstrap = Bootstrap(trial.groups)
    hits = {variant: _over_seeds(each) for variant, each in outcomes.items()}
    plain = next(hits[variant]["cosine"] for variant in outcomes if variant.loss is None)
    return Ablation(
        source=trial.pictures.source,
        queries=len(trial.queries),
        gallery=len(trial.gallery),
        products=bootstrap.group_count,
        seeds=tuple(seeds),
        rows=tuple(
            _row(variant, each, hits[variant], plain, bootstrap)
            for variant, each in outcomes.items()
        ),
        of_form=tuple(_of_form(hits, bootstrap)),
    )


def ablation_json(ablation: Ablation) -> dict[str, Any]:
    """Everything that the tables show; values are 0 to 1."""
    return {
        "source": ablation.source,
        "queries": ablation.queries,
        "gallery": ablation.gallery,
        "products": ablation.products,
        "seeds": list(ablation.seeds),
        "variants": [
            {
                "loss": row.variant.loss,
                "form": row.variant.form,
                "r_at_1": {name: interval_json(each) for name, each in row.recall_at_1.items()},
                "fractional_over_cosine": interval_json(row.fractional_over_cosine),
                "gain": None if row.gain is None else interval_json(row.gain),
                "r_at_1_by_seed": [round(each, 6) for each in row.by_seed],
                "dimension": row.dimension,
                "steps": row.steps,
                "seconds": round(row.seconds, 1),
                "is_start": row.is_start,
            }
            for row in ablation.rows
        ],
        "multi_over_single_scale": [
            {"loss": each.loss, "r_at_1": interval_json(each.difference)}
            for each in ablation.of_form
        ],
    }


def _over_seeds(outcomes: Sequence[Outcome]) -> dict[str, Values]:
    return {name: np.mean([each.hits[name] for each in outcomes], axis=0) for name in DISTANCES}


def _row(
    variant: Variant,
    outcomes: Sequence[Outcome],
    hits: Mapping[str, Values],
    plain: Values,
    bootstrap: Bootstrap,
) -> Row:
    return Row(
        variant=variant,
        recall_at_1={name: bootstrap.mean(values) for name, values in hits.items()},
        fractional_over_cosine=bootstrap.difference(hits["fractional"], hits["cosine"]),
        gain=None if hits["cosine"] is plain else bootstrap.difference(hits["cosine"], plain),
        by_seed=tuple(float(each.hits["cosine"].mean()) for each in outcomes),
        dimension=outcomes[0].dimension,
        steps=round(np.mean([each.steps for each in outcomes])),
        seconds=float(np.mean([each.seconds for each in outcomes])),
        is_start=all(each.steps and not each.best_epoch for each in outcomes),
    )


def _of_form(hits: Mapping[Variant, Mapping[str, Values]], bootstrap: Bootstrap) -> list[Contrast]:
    found = []
    for variant, values in hits.items():
        single = Variant(variant.loss, "single-scale")
        if variant.form == "multi-scale" and single in hits:
            difference = bootstrap.difference(values["cosine"], hits[single]["cosine"])
            found.append(Contrast(variant.loss, difference))
    return found
