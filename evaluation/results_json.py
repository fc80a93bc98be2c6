"""Results for programs."""

from collections.abc import Mapping
from typing import Any

from evaluation.intervals import interval_json
from evaluation.results import Evaluation, Outcome, Part, TrialResult


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything that tables and reports show, and every category; values are 0 to 1."""
    return {
        "source": evaluation.pictures.source,
        "pictures": len(evaluation.pictures.pictures),
        "unreadable": dict(evaluation.pictures.unreadable),
        "models": [
            {
                "name": name,
                "ms_per_picture": round(cost.ms_per_picture, 3),
                "bytes_per_picture": round(cost.bytes_per_picture, 1),
            }
            for name, cost in evaluation.costs.items()
        ],
        "relations": [_relation(result) for result in evaluation.results],
        "broken_down_by": evaluation.broken_down_by,
    }


def _relation(result: TrialResult) -> dict[str, Any]:
    trial, lead = result.trial, result.lead
    return {
        "name": trial.name,
        "queries": len(trial.queries),
        "gallery": len(trial.gallery),
        "without_relevant": trial.without_relevant,
        "unlabelled": trial.unlabelled,
        "resampled_by": trial.group_column,
        "groups": result.group_count,
        "results": [_outcome(each) for each in result.outcomes],
        "lead": None
        if lead is None
        else {"best": lead.best, "next": lead.next, "r_at_1": interval_json(lead.difference)},
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "model": outcome.contender,
        "ms_per_query": round(outcome.ranking.ms_per_query, 4),
        "measures": _measures(outcome.whole),
        "parts": {
            name: {"queries": part.queries, "measures": _measures(part)}
            for name, part in outcome.parts.items()
        },
    }


def _measures(part: Part) -> Mapping[str, dict[str, float]]:
    return {name: interval_json(each) for name, each in part.intervals.items()}
