"""A head by a recipe: the map of whole blocks that some pictures teach."""

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from training.linear.recipes import Recipe
from training.linear.vectors import Blocks, Whitening
from training.linear.whitening import Labels


def head_of(blocks: Blocks, labels: Labels, recipe: Recipe, taught: NDArray[np.bool_]) -> LinearMap:
    """`labels` (n,), -1 where they are not known; `taught` (n,), the pictures that may be learnt
    from. The map takes the blocks that count side by side, each times the root of its share.
    Raises ValueError where no two of them are alike."""
    joined = blocks.joined(recipe.shares)
    whitening = Whitening.learnt(joined, labels, taught)
    matrix = whitening.matrix(recipe, joined[taught])
    counting = [
        axes for share, axes in zip(recipe.shares, blocks.directions, strict=True) if share > 0.0
    ]
    ends = np.cumsum([axes.shape[1] for axes in counting])
    pieces = zip(
        counting, np.split(matrix, ends[:-1]), np.split(whitening.mean, ends[:-1]), strict=True
    )
    # Along the directions alone is (x P - m) M = (x - m P^T) P M, whose rows P gives back.
    back = [(axes @ mean, axes @ rows) for axes, rows, mean in pieces]
    return LinearMap(
        np.concatenate([mean for mean, _ in back]), np.concatenate([rows for _, rows in back])
    )
