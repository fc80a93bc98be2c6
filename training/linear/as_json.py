"""A learnt head for programs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation.intervals import Interval, interval_json
from training.linear.recipes import Recipe
from training.linear.results import Learnt
from training.next_steps import made_json


def learnt_json(learnt: Learnt, *, published_as: str | None, out: Path | None) -> dict[str, Any]:
    """Everything that is printed; values are 0 to 1. `published_as`: None where it was not."""
    measured = learnt.measured
    return {
        "model": learnt.model,
        "sources": list(learnt.sources),
        "asked_by_all": list(learnt.asked_by_all),
        "split_by": list(learnt.split_by),
        "chosen": _recipe(learnt.recipe, learnt),
        "chosen_by_fold": [_recipe(each, learnt) for each in learnt.chosen_by_fold],
        "dimension": learnt.head.dimension,
        "classes": learnt.classes,
        "pictures": learnt.pictures,
        "seconds": round(learnt.seconds, 3),
        "units": measured.units,
        "queries": dict(measured.queries),
        "r_at_1": {
            name: {
                "mean": interval_json(mean),
                "by_relation": _intervals(measured.by_question[name]),
            }
            for name, mean in measured.mean.items()
        },
        "gains_over": {
            name: {
                "mean": interval_json(mean),
                "by_relation": _intervals(measured.gains_by_question[name]),
            }
            for name, mean in measured.gains.items()
        },
        "is_gain": learnt.is_gain,
        **made_json(published_as, out),
    }


def _recipe(recipe: Recipe, learnt: Learnt) -> dict[str, Any]:
    return {
        "shares": dict(zip(learnt.blocks, recipe.shares, strict=True)),
        "classes_of": recipe.column,
        "shrinkage": recipe.shrinkage,
        "dimension": recipe.dimension,
    }


def _intervals(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: interval_json(each) for name, each in intervals.items()}
