"""Tuning for programs."""

from collections.abc import Mapping
from typing import Any

from evaluation.intervals import Interval, interval_json
from evaluation.tuning.results import Fold, Measured, Tuning


def tuning_json(tuning: Tuning) -> dict[str, Any]:
    """Everything that the table shows, and both halves by themselves; values are 0 to 1."""
    return {
        "source": tuning.source,
        "model": tuning.model,
        "relations": list(tuning.relations),
        "split_by": list(tuning.split_by),
        "recommended": dict(tuning.recommended),
        "as_it_is": dict(tuning.as_it_is),
        "stored": dict(tuning.stored),
        "shift": round(tuning.shift, 4),
        "is_gain": tuning.is_gain,
        "gain": interval_json(tuning.gain),
        "measured": _measured(tuning.whole),
        "halves": [_fold(each) for each in tuning.folds],
    }


def _fold(fold: Fold) -> dict[str, Any]:
    return {
        "chose": dict(fold.weights),
        "units": fold.chosen_on,
        "measured_on_the_other": _measured(fold.measured),
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "units": measured.units,
        "queries": dict(measured.queries),
        "r_at_1": {
            name: {
                "mean": interval_json(mean),
                "by_relation": _intervals(measured.by_relation[name]),
            }
            for name, mean in measured.mean.items()
        },
        "gains_of_tuned_over": {
            name: {
                "mean": interval_json(mean),
                "by_relation": _intervals(measured.gains_by_relation[name]),
            }
            for name, mean in measured.gains.items()
        },
    }


def _intervals(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: interval_json(each) for name, each in intervals.items()}
