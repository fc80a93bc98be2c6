"""What was measured of scores, as it is told: figures and origin, without the maps themselves."""

from typing import Any

from pydantic import BaseModel, Field

from embedding.card import ModelCard
from embedding.match_probability import HitCalibration, PairCalibration, Quality, Record


class CalibrationReply(BaseModel):
    """Of products left out, each weighing the same; docs/calibration.md has the definitions."""

    fitted_at: str
    relation: str = Field(description="What counts as a match.")
    products: int
    weights: dict[str, float] | None = Field(
        description="Of a fused model's parts, under which alone it holds; null for others."
    )
    objective: str = Field(description="What the cut was chosen for.")
    met: bool = Field(description="Whether a cut does that.")
    cut: float = Field(description="Of pairs the similarity, of hits the probability, from which.")
    precision: float
    recall: float
    brier: float
    log_loss: float
    ece: float = Field(description="Expected calibration error, 0 to 1.")


class HitCalibrationReply(CalibrationReply):
    collection: str | None = Field(
        description="Whose hits they were; null for those of a file or folder, which stand for all "
        "collections without their own."
    )
    queries: int
    depth: int = Field(description="Hits of each query that were judged.")


class ModelCalibrationReply(BaseModel):
    pairs: CalibrationReply
    hits: list[HitCalibrationReply]


def model_calibration(card: ModelCard) -> dict[str, Any] | None:
    """None where no calibration is in force."""
    calibration = card.in_force
    if calibration is None:
        return None
    return {
        "pairs": pair_calibration(calibration.pairs),
        "hits": [hit_calibration(each) for each in calibration.hits],
    }


def pair_calibration(pairs: PairCalibration) -> dict[str, Any]:
    return _told(pairs, pairs.fitted.quality)


def hit_calibration(hits: HitCalibration) -> dict[str, Any]:
    return {
        **_told(hits, hits.quality),
        "collection": hits.collection,
        "queries": hits.queries,
        "depth": hits.depth,
    }


def _told(record: Record, quality: Quality) -> dict[str, Any]:
    return {
        "fitted_at": record.fitted_at.isoformat(),
        "relation": record.relation,
        "products": record.products,
        "weights": dict(record.weights) or None,
        "objective": record.cut.objective,
        "met": record.cut.met,
        "cut": record.cut.at,
        "precision": round(record.cut.precision, 6),
        "recall": round(record.cut.recall, 6),
        "brier": round(quality.brier.value, 6),
        "log_loss": round(quality.log_loss.value, 6),
        "ece": round(quality.ece.value, 6),
    }
