"""What can be chosen of a head, and which choices are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

SHARES = (0.0, 0.2, 0.4)
"""Of a built-in part beside the model."""
SHRINKAGES = (0.05, 0.15, 0.3, 0.5, 0.7)
DIMENSIONS = (768, 512, 256, 128)
"""Besides all that there are."""
TOLERANCE = 0.005
"""Of R@1, within which a choice counts as good as the best: a query more or less by chance."""

_MOST_BESIDE = 0.7


@dataclass(frozen=True, order=True)
class Recipe:
    """`shares`: how much each block of the vector counts, in the order of the blocks, the model
    first; they add up to 1. `column`: whose labels are the classes whitened by. `dimension`: None
    for all there are."""

    shares: tuple[float, ...]
    column: str
    shrinkage: float
    dimension: int | None = None


def tried(blocks: int, columns: Sequence[str]) -> list[Recipe]:
    """Every recipe without reduction, for vectors of that many blocks."""
    beside = [
        shares for shares in product(SHARES, repeat=blocks - 1) if sum(shares) <= _MOST_BESIDE
    ]
    return [
        Recipe((1.0 - sum(shares), *shares), column, shrinkage)
        for shares in beside
        for column in columns
        for shrinkage in SHRINKAGES
    ]
