"""What a search answers, and what a hit must reach to be part of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.records import ImageRecord, ProductRecord, ReleaseRecord
from embedding.points import PointMatch
from retrieval.grouping import Candidate
from retrieval.reranking import Rerank
from retrieval.scoring import HitMeaning, cosine_at, similarity


@dataclass(frozen=True)
class Hit:
    """One product of an answer. `similarity` is 0..1.

    `match_probability` is that of a hit of this similarity in this collection, and `relevant`
    whether it reaches the cut that the calibration chose; None where the scores are not calibrated.
    `points`: how the picture matches the query's point by point; None where that was not asked
    for, the hit lies behind the depth of it, or the copy of its picture is gone or damaged.
    """

    product: ProductRecord
    image: ImageRecord
    cosine: float
    similarity: float
    match_probability: float | None = None
    relevant: bool | None = None
    points: PointMatch | None = None


@dataclass(frozen=True)
class Answer:
    """Hits of each query, in the order asked, and what they were answered from.

    `balance`: part -> share that it had in the score; empty where the model is not fused.
    `took_ms` maps each stage ("decode", "embed", "filter", "nearest", "resolve", and "points" where
    it was asked for) and "total" to milliseconds.
    """

    collection: str
    model_name: str
    model_fingerprint: str
    release: ReleaseRecord | None
    sequence: int
    balance: Mapping[str, float]
    hits: tuple[tuple[Hit, ...], ...]
    took_ms: Mapping[str, float]
    rerank: Rerank | None = None


class Floor:
    """What a hit must reach at least."""

    def __init__(
        self, min_similarity: float, min_probability: float | None, meaning: HitMeaning
    ) -> None:
        self.meaning = meaning
        self._min_probability = min_probability
        self.spare = 0 if min_probability is None else 1
        """Products to find beyond those wanted: the most similar one has a map of its own, and may
        fall short of a probability that later ones reach."""
        self.cosine = cosine_at(min_similarity)
        """Below it nothing needs to be looked for."""
        if min_probability is not None:
            # Lower by more than rounding: `is_met` decides.
            least = cosine_at(meaning.least_similarity(min_probability)) - 1e-5
            self.cosine = max(self.cosine, least)

    def is_met(self, candidate: Candidate) -> bool:
        """By one that has reached `cosine` above."""
        if self._min_probability is None:
            return True
        probability = _probability(candidate, self.meaning)
        return probability is not None and probability >= self._min_probability


def _probability(candidate: Candidate, meaning: HitMeaning) -> float | None:
    return meaning.probability(similarity(candidate.cosine), is_first=candidate.is_nearest)


def hit_of(
    candidate: Candidate, image: ImageRecord, product: ProductRecord, meaning: HitMeaning
) -> Hit:
    # Half-precision vectors may pass 1 by a hair.
    cosine = min(1.0, max(-1.0, candidate.cosine))
    probability = _probability(candidate, meaning)
    return Hit(
        product,
        image,
        cosine,
        similarity(cosine),
        match_probability=probability,
        relevant=meaning.is_relevant(probability),
        points=candidate.points,
    )
