"""The effect of one changed characteristic (S4): pairs of pictures that differ in one factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Contender, Description
from evaluation.errors import ContenderBroken
from evaluation.intervals import Bootstrap, Interval
from evaluation.pictures import Picture
from evaluation.robustness.scales import Scale


@dataclass(frozen=True)
class FactorPair:
    """Two pictures that differ in `factor` alone; `effect` is what a table calls it."""

    effect: str
    factor: str
    first: Picture
    second: Picture


@dataclass(frozen=True)
class EffectResult:
    """`similarity` of the pairs, the mean; `above`: the share of them at or above the threshold.

    `way`: how far the change carries a picture towards one of another product: 0 where it leaves
    the score at 1, 1 where the pair scores like an unrelated one. Of models whose scores spread
    differently these can be compared; the similarities cannot.
    """

    effect: str
    pairs: int
    similarity: Interval
    above: float | None
    way: Interval


def measure_effects(
    pairs: Sequence[FactorPair],
    contender: Contender,
    scale: Scale,
    firsts: Sequence[Description],
    seconds: Sequence[Description],
) -> tuple[EffectResult, ...]:
    """One result an effect, the one that moves scores most first; none where scores are distances.

    `firsts` and `seconds` describe the pairs' pictures, in their order. Unrelated are the first
    picture of a pair and the second of another pair. Raises ContenderBroken for a contender that
    scores all of them alike.
    """
    if not pairs:
        return ()
    similarities = scale.similarities(contender.index(firsts)(seconds))
    if similarities is None:
        return ()
    own = np.diagonal(similarities)
    apart = 1.0 - float(similarities[~np.eye(len(own), dtype=np.bool_)].mean())
    if apart <= 0.0:
        raise ContenderBroken(f"{contender.name} gives all pairs of pictures the highest score.")
    effects = np.array([each.effect for each in pairs])
    results = [
        _result(effect, own[effects == effect], scale.threshold, apart)
        for effect in dict.fromkeys(effects.tolist())
    ]
    return tuple(sorted(results, key=lambda each: each.similarity.mean))


def _result(
    effect: str, own: NDArray[np.float64], threshold: float | None, apart: float
) -> EffectResult:
    similarity = Bootstrap(np.arange(len(own))).mean(own)
    return EffectResult(
        effect=effect,
        pairs=len(own),
        similarity=similarity,
        above=None if threshold is None else float((own >= threshold).mean()),
        way=Interval(
            (1.0 - similarity.mean) / apart,
            (1.0 - similarity.high) / apart,
            (1.0 - similarity.low) / apart,
        ),
    )
