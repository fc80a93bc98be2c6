"""How good vectors are, by the project's own evaluation, of products that are not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Description, Ranker, Scorer
from evaluation.intervals import Bootstrap, Interval
from evaluation.metrics import Values, hit_rate
from evaluation.models import cosines
from evaluation.pictures import PictureSet
from evaluation.ranking import rank
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial
from training.data.joining import PRODUCT, TOGETHER

Vectors = NDArray[np.float32]
"""(pictures, dimension), unit length."""


@dataclass(frozen=True)
class Hits:
    """Of each query of a trial, 0 or 1: whether the first, and one of the first five, is of its
    product."""

    at_1: Values
    at_5: Values


class Examination:
    """One trial, put to any vectors of its pictures: each asks for the others of its product among
    all of them. Raises NothingToMeasure."""

    def __init__(self, pictures: PictureSet) -> None:
        self._trial: Trial = label_trial(pictures, Relation((PRODUCT,)), resample_by=TOGETHER)
        self._bootstrap = Bootstrap(self._trial.groups)

    @property
    def queries(self) -> int:
        return len(self._trial.queries)

    def hits(self, vectors: Vectors) -> Hits:
        """`vectors`: of all pictures, in their order."""
        found = rank(self._trial, _ByCosine(), list(vectors)).found
        return Hits(hit_rate(found, 1), hit_rate(found, 5))

    def interval(self, values: Values) -> Interval:
        """Of the mean of `values`; what must stay together is drawn together."""
        return self._bootstrap.mean(values)


class _ByCosine(Ranker):
    name = "the network"

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return cosines(gallery)
