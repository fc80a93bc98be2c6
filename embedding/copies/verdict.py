"""How sure it is that one picture is a copy of another, and what was done to it."""

from dataclasses import dataclass
from math import atan2, degrees, exp, log
from typing import Literal

import numpy as np

from embedding.copies.comparing import Overlay, overlaid
from embedding.copies.sketch import Sketch

Kind = Literal["same bytes", "re-encoded", "resized", "cropped", "mirrored", "edited"]

Size = tuple[int, int]
"""Width and height of the original, in pixels."""

# Fitted by maximum likelihood (scikit-learn's LogisticRegression, C = 100) to 1,961 pairs of
# candidates in their surer order, 768 of them copies: 384 photographs of the tuning half, each with
# a mild and a strong edit, and other colours of garments; see docs/decisions/duplicates.md.
_WEIGHTS = {"structure": 6.07, "colours miss": -5.69, "covered": 24.86}
_BIAS = -41.34
# By less colours miss when a picture is saved again.
_LEAST_MISS = 0.02

# Below this part of either picture in the overlap, one is a crop of the other.
_WHOLE = 0.97
_SAME_SIZE = 0.02
_TURNED_DEGREES = 1.5
_RELIT = 0.03
_DRAWN_OVER = 0.9


@dataclass(frozen=True)
class Verdict:
    """`confidence`: the probability that one picture is a copy of the other."""

    kind: Kind
    confidence: float


def verdict_on(first: Sketch, second: Sketch, sizes: tuple[Size, Size]) -> Verdict | None:
    """Of the surer of the two orders, so that it does not depend on which comes first; None where
    neither lies over the other.

    A crop laid over its original fits to a part of a pixel less well than the other way round, and
    what was brightened to white can be darkened again, but not the other way round.
    """
    found = [
        judged(overlay, *in_order)
        for overlay, in_order in (
            (overlaid(first, second), sizes),
            (overlaid(second, first), sizes[::-1]),
        )
        if overlay is not None
    ]
    return max(found, key=lambda each: each.confidence, default=None)


def judged(overlay: Overlay, first: Size, second: Size) -> Verdict:
    return Verdict(_kind(overlay, first, second), confidence(overlay))


def confidence(overlay: Overlay) -> float:
    """The probability that one is a copy of the other, by logistic regression on `evidence`."""
    return 1.0 / (1.0 + exp(-_BIAS - float(np.dot(tuple(_WEIGHTS.values()), evidence(overlay)))))


def evidence(overlay: Overlay) -> tuple[float, ...]:
    """What `confidence` is fitted on, in the order of its weights."""
    found = overlay.agreement
    return found.structure, log(_LEAST_MISS + 1.0 - found.colour), max(found.covered)


def _kind(overlay: Overlay, first: Size, second: Size) -> Kind:
    """What was done, the most telling first: of an edit that did several things, one is said."""
    found = overlay.agreement
    if overlay.mirrored:
        return "mirrored"
    turned = abs(
        degrees(atan2(found.map[1, 0] - found.map[0, 1], found.map[0, 0] + found.map[1, 1]))
    )
    if turned > _TURNED_DEGREES or found.light > _RELIT or found.blocks < _DRAWN_OVER:
        return "edited"
    if min(found.shared) < _WHOLE:
        return "cropped"
    if any(abs(one / other - 1.0) > _SAME_SIZE for one, other in zip(first, second, strict=True)):
        return "resized"
    return "re-encoded"
