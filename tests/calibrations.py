"""Calibrations for tests: a made-up one, as `likeness calibrate` would store it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from embedding.match_probability import (
    Calibration,
    Cut,
    Fitted,
    HitCalibration,
    Measured,
    PairCalibration,
    ProbabilityMap,
    Quality,
)

_MEASURED = Measured(value=0.02, low=0.01, high=0.05)
QUALITY = Quality(brier=_MEASURED, log_loss=_MEASURED, ece=_MEASURED)

FIRST = ProbabilityMap(similarities=(0.5, 0.9, 1.0), probabilities=(0.1, 0.6, 0.95))
LATER = ProbabilityMap(similarities=(0.5, 0.9, 1.0), probabilities=(0.01, 0.2, 0.8))
PAIRS = ProbabilityMap(similarities=(0.6, 1.0), probabilities=(0.05, 0.9))


def fitted(probability: ProbabilityMap) -> Fitted:
    return Fitted(probability=probability, method="platt", quality=QUALITY)


def calibration(
    fingerprint: str,
    *,
    collection: str | None = None,
    weights: Mapping[str, float] | None = None,
    pairs_from: float = 0.7,
    hits_from: float = 0.5,
    fitted_at: datetime = datetime(2026, 11, 1, tzinfo=UTC),
) -> Calibration:
    """`pairs_from`: the similarity, `hits_from`: the probability from which on things match."""

    def record(cut_at: float) -> dict[str, object]:
        return {
            "fitted_at": fitted_at,
            "source": "the test",
            "relation": "same product_id",
            "weights": dict(weights or {}),
            "products": 30,
            "folds": 5,
            "cut": Cut(
                at=cut_at, objective="f1", met=True, precision=0.9, recall=0.8, f1=0.85, cost=None
            ),
        }

    return Calibration(
        fingerprint=fingerprint,
        pairs=PairCalibration.model_validate(
            {
                **record(pairs_from),
                "fitted": fitted(PAIRS),
                "prior": 0.5,
                "positives": 60,
                "negatives": 600,
            }
        ),
        hits=(
            HitCalibration.model_validate(
                {
                    **record(hits_from),
                    "first": fitted(FIRST),
                    "later": fitted(LATER),
                    "quality": QUALITY,
                    "collection": collection,
                    "queries": 60,
                    "depth": 10,
                    "absent": 0.2,
                    "gallery": 30,
                }
            ),
        ),
    )
