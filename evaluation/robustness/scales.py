"""How a contender's scores read: as similarities from 0 to 1, and from where on as "the same"."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedding.points import VERIFIED
from embedding.store import ModelStore
from evaluation.baselines.naming import BASELINES
from evaluation.baselines.points import PointMatching

Kind = Literal["cosine", "share", "distance"]


@dataclass(frozen=True)
class Scale:
    """`kind`: what a score is. A cosine is read as (cosine + 1) / 2, a share as it is, and a
    distance not at all: it has no upper end. `threshold` is a similarity, None where nobody set
    one."""

    kind: Kind
    threshold: float | None

    def similarities(self, scores: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Of the same shape, 0 to 1; None for distances."""
        if self.kind == "distance":
            return None
        wide = scores.astype(np.float64)
        return np.clip((wide + 1.0) / 2.0 if self.kind == "cosine" else wide, 0.0, 1.0)


def scale_of(name: str, store: ModelStore) -> Scale:
    """Of a contender by its name on the command line, of which there must be one.

    A variant of a model has no threshold: the model's is for its own scores.
    """
    if name == PointMatching.name:
        return Scale("share", VERIFIED)
    if name in BASELINES:
        return Scale("cosine", None)
    model, _, variant = name.partition(":")
    if not variant:
        return Scale("cosine", store.card(model).threshold)
    if variant.startswith("l"):
        return Scale("distance", None)
    return Scale("share" if variant.startswith("bits") else "cosine", None)
