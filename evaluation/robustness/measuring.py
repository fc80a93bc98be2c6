"""The trials themselves: every contender, every change, on the same pictures."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Contender, Description, Scorer
from evaluation.describing import describe, ms_per_picture
from evaluation.description_cache import DescriptionCache
from evaluation.errors import ContenderBroken, NothingToMeasure
from evaluation.intervals import Bootstrap
from evaluation.pictures import Picture
from evaluation.robustness.effects import EffectResult, FactorPair, measure_effects
from evaluation.robustness.results import ChangeResult, ContenderResult, Robustness
from evaluation.robustness.scales import Scale
from evaluation.robustness.subjects import Sample, separable
from evaluation.robustness.transforms import Change
from evaluation.watching import Advance, Watch


def measure(
    sample: Sample,
    pairs: Sequence[FactorPair],
    changes: Sequence[Change],
    contenders: Sequence[tuple[Contender, Scale]],
    *,
    seed: int,
    cache_root: Path,
    threads: int,
    watch: Watch,
) -> Robustness:
    """Every one of one or more contenders under every one of one or more changes.

    A change that no picture of the sample can undergo is left out. Deterministic but for the
    times. Descriptions are kept below `cache_root`. Raises
    ContenderBroken, NothingToMeasure.
    """
    can = separable(sample.subjects)
    done = [each for each in changes if can.any() or not each.transform.needs_mask]
    if not done:
        raise NothingToMeasure(
            f"{sample.source}: no picture has a near-white border, by which its thing could be "
            f"told from its background. Ask for other transforms than {changes[0].transform.name}."
        )
    results = []
    for contender, scale in contenders:
        total = len(sample.subjects) * (1 + len(done)) + 2 * len(pairs)
        with watch.step(contender.name, total) as advance:
            trials = _Trials(contender, scale, sample, cache_root, threads, advance)
            results.append(
                ContenderResult(
                    name=contender.name,
                    threshold=scale.threshold,
                    changes=tuple(trials.under(change, seed) for change in done),
                    effects=trials.effects(pairs),
                    ms_per_comparison=trials.ms_per_comparison(),
                )
            )
    apart = tuple(each.picture.name for each in sample.subjects if not each.separable)
    return Robustness(
        seed=seed,
        sample=sample,
        pairs=tuple(pairs),
        skipped={
            each.transform.name: apart for each in changes if each.transform.needs_mask and apart
        },
        contenders=tuple(results),
    )


class _Trials:
    """One contender and a gallery of originals."""

    def __init__(
        self,
        contender: Contender,
        scale: Scale,
        sample: Sample,
        cache_root: Path,
        threads: int,
        advance: Advance,
    ) -> None:
        self._contender = contender
        self._scale = scale
        self._sample = sample
        self._cache_root = cache_root
        self._threads = threads
        self._advance = advance
        self._unrelated = sample.unrelated()
        self._groups = sample.groups()
        self._draws = Bootstrap(self._groups)
        originals = [each.original() for each in sample.subjects]
        self._originals = self._describe(originals, "original")
        self._scorer: Scorer = contender.index(self._originals)
        self._ms_scoring, self._scored = 0.0, 0

    def under(self, change: Change, seed: int) -> ChangeResult:
        """All the sample's pictures that can undergo it, changed, against all originals."""
        subjects = self._sample.subjects
        able = separable(subjects) | (not change.transform.needs_mask)
        places = np.flatnonzero(able)
        changed = self._describe(
            [subjects[place].changed(change, seed) for place in places],
            f"{change.transform.name} {change.level.strength}",
        )
        self._advance(len(subjects) - len(places))
        scores = self._scores(changed)
        own = scores[np.arange(len(places)), places]
        unrelated = scores[self._unrelated[places]]
        similarities = self._scale.similarities(own)
        others = self._scale.similarities(unrelated)
        threshold = self._scale.threshold
        draws = self._draws if able.all() else Bootstrap(self._groups[places])
        return ChangeResult(
            change=change,
            pictures=len(places),
            similarity=None if similarities is None else draws.mean(similarities),
            above=None
            if similarities is None or threshold is None
            else float((similarities >= threshold).mean()),
            unrelated=None if others is None else float(others.mean()),
            separation=draws.mean(share_below(own, unrelated)),
            found=draws.mean(found_first(scores, places)),
        )

    def effects(self, pairs: Sequence[FactorPair]) -> tuple[EffectResult, ...]:
        firsts = self._describe([each.first for each in pairs], "first")
        seconds = self._describe([each.second for each in pairs], "second")
        return measure_effects(pairs, self._contender, self._scale, firsts, seconds)

    def ms_per_comparison(self) -> float:
        """Milliseconds of processor time: two JPEG pictures to descriptions, the median, and one
        score, the mean of those so far."""
        examples = [each.example() for each in self._sample.subjects]
        return 2.0 * ms_per_picture(self._contender, examples) + self._ms_scoring / self._scored

    def _scores(self, queries: Sequence[Description]) -> NDArray[np.float32]:
        """(queries, originals). Raises ContenderBroken."""
        began = time.process_time()
        scores = self._scorer(queries)
        self._ms_scoring += 1000.0 * (time.process_time() - began)
        self._scored += scores.size
        if scores.shape != (len(queries), len(self._originals)) or np.isnan(scores).any():
            raise ContenderBroken(f"{self._contender.name} gave scores that cannot be compared.")
        return scores

    def _describe(self, pictures: Sequence[Picture], kept_as: str) -> list[Description]:
        """`kept_as`: the folder of the cache, one for every change, since a folder is read as a
        whole and all changes together may be more than fits into memory."""
        described = describe(
            self._contender,
            pictures,
            DescriptionCache(self._cache_root / kept_as),
            known={},
            threads=self._threads,
            advance=self._advance,
        )
        for why in described.unreadable.values():
            raise ContenderBroken(
                f"{self._contender.name} cannot describe a picture that could be read before: {why}"
            )
        return described.of(pictures)


def share_below(own: NDArray[np.float32], unrelated: NDArray[np.float32]) -> NDArray[np.float64]:
    """(pairs,): the share of unrelated scores below each score, of equal ones the half.

    Their mean is the area under the ROC curve (Mann & Whitney 1947).
    """
    ordered = np.sort(unrelated)
    below = np.searchsorted(ordered, own, side="left")
    not_above = np.searchsorted(ordered, own, side="right")
    share: NDArray[np.float64] = (below + not_above) / (2.0 * len(ordered))
    return share


def found_first(scores: NDArray[np.float32], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """(queries,): 1 where the gallery's picture at `places` scores above every other, else 0.

    `scores`: (queries, gallery of two or more).
    """
    rows = np.arange(len(places))
    others = scores.copy()
    others[rows, places] = -np.inf
    found: NDArray[np.bool_] = scores[rows, places] > others.max(axis=1)
    return found.astype(np.float64)
