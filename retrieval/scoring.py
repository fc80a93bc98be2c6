"""From a cosine to a score a person can read, and to what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from embedding.card import ModelCard
from embedding.fused.weights import written
from embedding.match_probability import HitCalibration, PairCalibration
from retrieval.errors import NotCalibrated


def similarity(cosine: float) -> float:
    """(cosine + 1) / 2, in 0..1 (S4). Half-precision vectors may pass 1 by a hair; that is cut."""
    return min(1.0, max(0.0, (cosine + 1.0) / 2.0))


def cosine_at(similarity: float) -> float:
    """The cosine that scores `similarity`: the inverse of the above within its range."""
    return 2.0 * similarity - 1.0


@dataclass(frozen=True)
class HitMeaning:
    """What the similarities of a collection's hits mean.

    `calibration` is None where that was not measured, and `unknown_because` then says why, to be
    read after the model's name.
    """

    calibration: HitCalibration | None
    unknown_because: str = ""

    def probability(self, similarity: float, *, is_first: bool) -> float | None:
        """Of a match, never 0 or 1; of the most similar hit of its query, or of a later one."""
        if self.calibration is None:
            return None
        fitted = self.calibration.first if is_first else self.calibration.later
        return fitted.probability(similarity)

    def is_relevant(self, probability: float | None) -> bool | None:
        """Whether it reaches the cut that the calibration chose."""
        if self.calibration is None or probability is None:
            return None
        return probability >= self.calibration.cut.at

    def least_similarity(self, probability: float) -> float:
        """Below it no hit matches as probably; above 1 where none ever does."""
        if self.calibration is None:
            return 2.0
        maps = (self.calibration.first.probability, self.calibration.later.probability)
        least = [each.least_similarity(probability) for each in maps]
        return min((each for each in least if each is not None), default=2.0)


@dataclass(frozen=True)
class PairMeaning:
    """Likewise of two pictures that are compared."""

    calibration: PairCalibration | None

    def probability(self, similarity: float) -> float | None:
        return None if self.calibration is None else self.calibration.fitted.probability(similarity)

    @property
    def threshold(self) -> float | None:
        """The similarity from which on the calibration takes two pictures for a match."""
        return None if self.calibration is None else self.calibration.cut.at


def meaning_of_hits(
    card: ModelCard, collection: str, created_at: datetime, weights: Mapping[str, float]
) -> HitMeaning:
    """For hits in `collection`, made at `created_at`, scored with these weights of the parts of a
    fused model."""
    calibration = card.in_force
    if calibration is None:
        return HitMeaning(None, card.uncalibrated_because)
    hits = calibration.hits_in(collection, created_at)
    if hits is None:
        if any(each.collection == collection for each in calibration.hits):
            return HitMeaning(None, "is calibrated for a former collection of that name only")
        others = ", ".join(f"{each.collection!r}" for each in calibration.hits)
        return HitMeaning(None, f"is calibrated for other collections only ({others})")
    if not hits.holds_for(weights):
        return HitMeaning(
            None,
            f"is calibrated under other weights ({written(hits.weights)}) than these "
            f"({written(weights)})",
        )
    return HitMeaning(hits)


def left_uncalibrated(
    card: ModelCard, collection: str, created_at: datetime, weights: Mapping[str, float]
) -> str | None:
    """What to tell whoever weighs a calibrated model otherwise, with the command to type; None
    where hits in `collection` keep their meaning, or the model never gave them one."""
    meaning = meaning_of_hits(card, collection, created_at, weights)
    if card.in_force is None or meaning.calibration is not None:
        return None
    return (
        f"The model {meaning.unknown_because}: until it is calibrated again, hits have no "
        f"match_probability.\nlikeness calibrate --collection {collection}"
    )


def not_calibrated(
    model: str, collection: str, meaning: HitMeaning, weights: Mapping[str, float] | None
) -> NotCalibrated:
    """What is raised where a least probability is asked for. `weights`: of the query, if it has its
    own: a calibration of the collection's balance would not help it."""
    command, beside = f"likeness calibrate --collection {collection}", ""
    if weights is not None:
        # In full: a calibration holds for the very weights that it was made under.
        told = ",".join(f"{name}={weight!r}" for name, weight in weights.items())
        command, beside = f"{command} --weights {told}", "leave the weights out, "
    return NotCalibrated(
        f"A least probability needs a calibration, and the model {model!r} of collection "
        f"{collection!r} {meaning.unknown_because}. Run `{command}`, {beside}or ask for a least "
        "score instead."
    )


def meaning_of_pairs(card: ModelCard, weights: Mapping[str, float]) -> PairMeaning:
    """For two pictures that are compared."""
    calibration = card.in_force
    if calibration is None or not calibration.pairs.holds_for(weights):
        return PairMeaning(None)
    return PairMeaning(calibration.pairs)
