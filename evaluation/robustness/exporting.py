"""Results for programs and spreadsheets."""

import csv
from collections.abc import Mapping
from typing import Any, TextIO

from evaluation.intervals import Interval, interval_json
from evaluation.robustness.effects import EffectResult
from evaluation.robustness.results import ChangeResult, ContenderResult, Robustness

COLUMNS = (
    "model", "kind", "name", "strength", "pictures", "similarity", "similarity_low",
    "similarity_high", "above_threshold", "unrelated_similarity", "separation", "separation_low",
    "separation_high", "r_at_1", "r_at_1_low", "r_at_1_high", "way", "way_low", "way_high",
)  # fmt: skip


def robustness_json(found: Robustness) -> dict[str, Any]:
    """Everything; values are 0 to 1."""
    return {
        "source": found.sample.source,
        "pictures": len(found.sample.subjects),
        "pairs": len(found.pairs),
        "seed": found.seed,
        "unreadable": dict(found.sample.unreadable),
        "skipped": {name: list(names) for name, names in found.skipped.items()},
        "models": [_contender(each) for each in found.contenders],
    }


def write_csv(found: Robustness, file: TextIO) -> None:
    """A line for each model and transform at a strength, and for each model and effect."""
    rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for contender in found.contenders:
        for each in contender.changes:
            rows.writerow(
                {
                    "model": contender.name,
                    "kind": "transform",
                    "name": each.change.transform.name,
                    "strength": each.change.level.name,
                    "pictures": each.pictures,
                    **_columns("similarity", each.similarity),
                    "above_threshold": _rounded(each.above),
                    "unrelated_similarity": _rounded(each.unrelated),
                    **_columns("separation", each.separation),
                    **_columns("r_at_1", each.found),
                }
            )
        for effect in contender.effects:
            rows.writerow(
                {
                    "model": contender.name,
                    "kind": "effect",
                    "name": effect.effect,
                    "pictures": effect.pairs,
                    **_columns("similarity", effect.similarity),
                    "above_threshold": _rounded(effect.above),
                    **_columns("way", effect.way),
                }
            )


def _contender(each: ContenderResult) -> dict[str, Any]:
    return {
        "name": each.name,
        "threshold": each.threshold,
        "ms_per_comparison": round(each.ms_per_comparison, 3),
        "transforms": [_change(change) for change in each.changes],
        "effects": [_effect(effect) for effect in each.effects],
    }


def _change(each: ChangeResult) -> dict[str, Any]:
    return {
        "transform": each.change.transform.name,
        "strength": each.change.level.name,
        "of": each.change.transform.unit,
        "pictures": each.pictures,
        "similarity": _interval(each.similarity),
        "above_threshold": _rounded(each.above),
        "unrelated_similarity": _rounded(each.unrelated),
        "separation": _interval(each.separation),
        "R@1": _interval(each.found),
    }


def _effect(each: EffectResult) -> dict[str, Any]:
    return {
        "effect": each.effect,
        "pairs": each.pairs,
        "similarity": _interval(each.similarity),
        "above_threshold": _rounded(each.above),
        "way_to_unrelated": _interval(each.way),
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else interval_json(interval)


def _columns(name: str, interval: Interval | None) -> Mapping[str, float]:
    if interval is None:
        return {}
    return {
        name: round(interval.mean, 6),
        f"{name}_low": round(interval.low, 6),
        f"{name}_high": round(interval.high, 6),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
