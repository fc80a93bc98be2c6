"""A calibration for programs."""

from typing import Any

from evaluation.calibrating.calibrating import Calibrated, Finding


def calibrated_json(found: Calibrated) -> dict[str, Any]:
    """What is stored, and the reliability of each map on products left out."""
    return {
        "source": found.pictures.source,
        "relation": found.trial.name,
        "pictures": len(found.pictures.pictures),
        "unreadable": dict(found.pictures.unreadable),
        "calibration": found.calibration.model_dump(mode="json"),
        "reliability": {
            "pairs": _finding(found.pairs),
            "first_hit": _finding(found.first),
            "later_hits": _finding(found.later),
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "samples": len(finding.samples.matches),
        "products": finding.samples.product_count,
        "log_loss": {method: round(loss, 6) for method, loss in finding.losses.items()},
        "bins": [
            {
                "low": each.low,
                "high": each.high,
                "share": round(each.share, 6),
                "said": round(each.said, 6),
                "seen": round(each.seen, 6),
                "seen_low": round(each.seen_low, 6),
                "seen_high": round(each.seen_high, 6),
                "products": each.products,
            }
            for each in finding.bins
        ],
    }
