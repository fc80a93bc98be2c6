"""How good vectors are, by the project's own evaluation, of products that are not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Description, Ranker, Scorer
from evaluation.errors import NothingToMeasure
from evaluation.intervals import Interval
from evaluation.metrics import Values, hit_rate
from evaluation.models import cosines
from evaluation.pictures import PictureSet
from evaluation.ranking import rank
from evaluation.relations import Positions, Relation
from evaluation.trials import Trial, label_trial
from evaluation.tuning.paired import JointBootstrap
from training.data.joining import PRODUCT, SOURCE, TOGETHER, chosen_of

Vectors = NDArray[np.float32]
"""(pictures, dimension), unit length."""


@dataclass(frozen=True)
class Hits:
    """Of each source, float64 (its queries,), 0 or 1: whether the first, and one of the first five,
    is of the query's product."""

    at_1: tuple[Values, ...]
    at_5: tuple[Values, ...]

    @property
    def recall_at_1(self) -> float:
        """The mean over sources of each one's R@1: a large one does not speak for a small one."""
        return mean(self.at_1)

    @property
    def recall_at_5(self) -> float:
        return mean(self.at_5)


def mean(values: Sequence[Values]) -> float:
    """Over sources, of the mean over the queries of each."""
    return float(np.mean([each.mean() for each in values]))


class Examination:
    """Trials, put to any vectors of their pictures: each picture asks for the others of its product
    among all of its source, as a catalogue is searched. Sources in which nothing can be found are
    left out; raises NothingToMeasure where all are."""

    def __init__(self, pictures: PictureSet) -> None:
        self._asked = _trials(pictures)
        # Groups are numbered within a trial; those of different sources are different ones.
        firsts = np.cumsum([0] + [int(each.groups.max()) + 1 for _, each in self._asked])
        self._bootstrap = JointBootstrap(
            [trial.groups + first for (_, trial), first in zip(self._asked, firsts, strict=False)]
        )

    @property
    def queries(self) -> dict[str, int]:
        """Source -> how many pictures ask."""
        return {trial.pictures.labels[SOURCE][0]: len(trial.queries) for _, trial in self._asked}

    def hits(self, vectors: Vectors) -> Hits:
        """`vectors`: of all pictures, in their order."""
        found = [
            rank(trial, _ByCosine(), list(vectors[places])).found for places, trial in self._asked
        ]
        return Hits(
            tuple(hit_rate(each, 1) for each in found), tuple(hit_rate(each, 5) for each in found)
        )

    def interval(self, values: Sequence[Values]) -> Interval:
        """Of the mean over sources of `values`; what must stay together is drawn together."""
        return self._bootstrap.mean(values)


def _trials(pictures: PictureSet) -> list[tuple[Positions, Trial]]:
    """Of each source, the positions of its pictures and what they are asked."""
    trials: list[tuple[Positions, Trial]] = []
    nothing: NothingToMeasure | None = None
    sources = pictures.codes(SOURCE)
    for source in np.unique(sources):
        places = np.flatnonzero(sources == source)
        of_source = chosen_of(pictures, places)
        try:
            trial = label_trial(of_source, Relation((PRODUCT,)), resample_by=TOGETHER)
        except NothingToMeasure as error:
            nothing = error
            continue
        trials.append((places, trial))
    if not trials:
        raise nothing or NothingToMeasure(f"{pictures.source}: there are no pictures to ask for.")
    return trials


class _ByCosine(Ranker):
    name = "the network"

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return cosines(gallery)
