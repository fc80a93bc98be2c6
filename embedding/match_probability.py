"""What a similarity means: the probability of a match, as a card stores it.

Two maps, since two questions differ in how often the answer is yes. Of two pictures that somebody
compares about half match; of the hits of a search most do not, and how many do depends on the
catalogue. docs/decisions/calibration.md has the reasons.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Method = Literal["isotonic", "platt"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Above0 = Annotated[float, Field(ge=0.0)]

_WEIGHTS_AGREE = 1e-6


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ProbabilityMap(_Frozen):
    """A non-decreasing function from similarity, 0 to 1, to probability, never 0 or 1.

    Linear between its knots, constant before the first and behind the last. Raises pydantic's
    ValidationError for knots that are out of order or out of range.
    """

    similarities: tuple[Share, ...] = Field(min_length=1, max_length=1000)
    """Of the knots, increasing."""
    probabilities: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...]
    """One a knot, non-decreasing."""

    @model_validator(mode="after")
    def _check_monotone(self) -> Self:
        if len(self.similarities) != len(self.probabilities):
            raise ValueError("a map has one probability for each similarity")
        pairs = list(zip(self.similarities, self.similarities[1:], strict=False))
        if any(after <= before for before, after in pairs):
            raise ValueError("the similarities of a map must increase")
        if list(self.probabilities) != sorted(self.probabilities):
            raise ValueError("the probabilities of a map must not decrease")
        return self

    def __call__(self, similarity: float) -> float:
        """The probability of a match at this similarity."""
        after = bisect_right(self.similarities, similarity)
        if after == 0:
            return self.probabilities[0]
        if after == len(self.similarities):
            return self.probabilities[-1]
        low, high = self.probabilities[after - 1], self.probabilities[after]
        begin, end = self.similarities[after - 1], self.similarities[after]
        # A sum may round past the end it stands for; then the map would not be monotone.
        return min(high, low + (similarity - begin) / (end - begin) * (high - low))

    def least_similarity(self, probability: float) -> float | None:
        """The similarity from which on the map reaches `probability`; None where it never does."""
        place = bisect_left(self.probabilities, probability)
        if place == len(self.probabilities):
            return None
        if place == 0:
            return 0.0
        low, high = self.probabilities[place - 1], self.probabilities[place]
        begin, end = self.similarities[place - 1], self.similarities[place]
        return begin + (probability - low) / (high - low) * (end - begin)


class Measured(_Frozen):
    """A figure on products that it was not fitted to, and bounds that hold 95 % of what it is when
    products are drawn anew."""

    value: Above0
    low: Above0
    high: Above0


class Quality(_Frozen):
    """How good the probabilities are on products that the map was not fitted to (cross-validated),
    every product weighing the same."""

    brier: Measured
    """Mean squared error of the probability (Brier 1950); 0.25 is a coin's."""
    log_loss: Measured
    """Mean negative logarithm of the probability given to what came true; 0.693 is a coin's."""
    ece: Measured
    """Expected calibration error: the mean gap between probability and frequency in ten bins."""


class Cut(_Frozen):
    """From where on things count as matching, and why there."""

    at: Share
    """The similarity of a pair; of a hit the probability."""
    objective: str
    """As it was asked for: f1, precision>=0.95, cost:5,1."""
    met: bool
    """False where products that the cut was not chosen on do not reach the precision asked for."""
    precision: Share
    recall: Share
    f1: Share
    cost: Above0 | None
    """Per thing judged; None unless the objective is a cost. All four on products that the cut was
    not chosen on."""


class Fitted(_Frozen):
    """A map, and how good it is."""

    probability: ProbabilityMap
    method: Method
    quality: Quality


class Record(_Frozen):
    """Where a calibration comes from."""

    fitted_at: AwareDatetime
    source: str
    """What it was fitted on: a file, a folder, or a collection."""
    relation: str
    """What counts as a match, such as `same product_id`."""
    weights: Mapping[str, float] = {}
    """Of the parts of a fused model, under which it was scored; empty for other models."""
    products: Annotated[int, Field(ge=1)]
    """Whose pictures were asked with, and which weigh the same each."""
    folds: Annotated[int, Field(ge=2)]
    """Into which the products were put: what is said of the quality is of those left out."""
    cut: Cut

    def holds_for(self, weights: Mapping[str, float]) -> bool:
        """Whether scores under these weights are those that it was fitted to."""
        return self.weights.keys() == weights.keys() and all(
            abs(self.weights[name] - weights[name]) <= _WEIGHTS_AGREE for name in weights
        )


class PairCalibration(Record):
    """Of two pictures that are compared."""

    fitted: Fitted
    prior: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Share of matching pairs among those that are compared."""
    positives: Annotated[int, Field(ge=1)]
    negatives: Annotated[int, Field(ge=1)]


class HitCalibration(Record):
    """Of the hits of a search in one catalogue.

    The first hit has a map of its own: the best of a catalogue matches far more often than what
    stands behind it with the same similarity.
    """

    first: Fitted
    later: Fitted
    quality: Quality
    """Of both together."""
    collection: str | None
    """The collection whose hits they were; None for hits among the pictures of a file or folder,
    which then stand for every collection that has no calibration of its own."""
    queries: Annotated[int, Field(ge=1)]
    depth: Annotated[int, Field(ge=1)]
    """Hits of each query that were judged: the first ones."""
    absent: Share
    """Share of the queries that were asked with everything that matches taken away."""
    gallery: Annotated[int, Field(ge=1)]
    """Products that were searched."""


class Calibration(_Frozen):
    """What the scores of one model mean. It is of the vectors of one fingerprint and no others."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    pairs: PairCalibration
    hits: Annotated[tuple[HitCalibration, ...], Field(min_length=1)]
    """One for each collection that was calibrated, and at most one for all others."""

    @model_validator(mode="after")
    def _check_collections_differ(self) -> Self:
        collections = [each.collection for each in self.hits]
        if len(set(collections)) != len(collections):
            raise ValueError("a collection must have one calibration of its hits")
        return self

    def hits_in(self, collection: str, created_at: datetime) -> HitCalibration | None:
        """That of the collection itself, else the one for all others, if there is one.

        One that is older than the collection was of another of that name, deleted since.
        """
        by_collection = {each.collection: each for each in self.hits}
        own = by_collection.get(collection)
        if own is not None and own.fitted_at >= created_at:
            return own
        return by_collection.get(None)


def joined(known: Calibration | None, newer: Calibration) -> Calibration:
    """`newer`, and of what is `known` the hits of collections that it says nothing about."""
    if known is None or known.fingerprint != newer.fingerprint:
        return newer
    told = {each.collection for each in newer.hits}
    kept = tuple(each for each in known.hits if each.collection not in told)
    return newer.model_copy(update={"hits": kept + newer.hits})
