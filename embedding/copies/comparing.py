"""Two sketches, every way in which one may lie over the other, and the best of them."""

from dataclasses import dataclass

from embedding.copies.alignment import Agreement, agreement, matched, refined, stretched
from embedding.copies.sketch import Sketch

# Pictures whose layouts differ more than this do not show the same when one is laid over the whole
# of the other; they may still show parts of one picture, which features tell.
_ALIKE_LAYOUT = 0.5
_FEWEST_INLIERS = 4
# Below this no small move brings two pictures to agree; above it none is needed.
_REFINABLE = (0.2, 0.85)


@dataclass(frozen=True)
class Overlay:
    """The first picture, mirrored if `mirrored`, lies over the second as `agreement` says."""

    agreement: Agreement
    mirrored: bool


def overlaid(first: Sketch, second: Sketch) -> Overlay | None:
    """The best overlay of two pictures, None where there is none worth a look.

    Tried are the whole of one stretched over the whole of the other and the map that most local
    features agree on, both also with the first picture mirrored; the best of these is then moved
    to where it fits best. Deterministic and thread-safe.
    """
    tried = [
        Overlay(found, mirrored)
        for mirrored, mine in ((False, first), (True, first.mirrored))
        for found in _agreements(mine, second)
    ]
    if not tried:
        return None
    best = max(tried, key=_structure)
    if not _REFINABLE[0] < _structure(best) < _REFINABLE[1]:
        return best
    mine = first.mirrored if best.mirrored else first
    laid = refined(mine, second, best.agreement.map)
    moved = agreement(mine, second, laid, best.agreement.inliers)
    if moved is None:
        return best
    return max(best, Overlay(moved, best.mirrored), key=_structure)


def _agreements(mine: Sketch, second: Sketch) -> list[Agreement]:
    found = []
    if float(mine.layout @ second.layout) > _ALIKE_LAYOUT:
        found.append(agreement(mine, second, stretched(mine, second)))
    if match := matched(mine.features, second.features):
        laid, inliers = match
        if inliers >= _FEWEST_INLIERS:
            found.append(agreement(mine, second, laid, inliers))
    return [each for each in found if each is not None]


def _structure(overlay: Overlay) -> float:
    return overlay.agreement.structure
