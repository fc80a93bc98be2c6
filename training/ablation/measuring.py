"""What a variant's vectors find among products it has not learnt from, by either distance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evaluation.baselines.distances import minkowski
from evaluation.contenders import Description, Ranker, Scorer
from evaluation.metrics import Values, hit_rate
from evaluation.models import cosines
from evaluation.ranking import rank
from evaluation.trials import Trial
from training.fitting.validation import Vectors

FRACTION = 0.5
"""The p of S3's fractional distance."""


@dataclass(frozen=True)
class _By:
    """A `Ranker` of vectors."""

    name: str
    index: Callable[[Sequence[Description]], Scorer]


DISTANCES: Mapping[str, Ranker] = MappingProxyType(
    {
        "cosine": _By("cosine", cosines),
        "fractional": _By("fractional", lambda gallery: minkowski(gallery, FRACTION)),
    }
)
"""How vectors are compared: by their angle, or by (sum |q_i - g_i|^p)^(1/p) with p = 1/2 (S3)."""


def hits(trial: Trial, vectors: Vectors) -> dict[str, Values]:
    """By each distance, float64 (queries,): 1 where the nearest picture is of the query's product,
    else 0 (R@1 of each query). `vectors` are of all the trial's pictures, in their order."""
    return {
        name: hit_rate(rank(trial, ranker, list(vectors)).found, 1)
        for name, ranker in DISTANCES.items()
    }
