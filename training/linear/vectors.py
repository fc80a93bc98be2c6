"""Vectors of all pictures under one way of joining and whitening their blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from training.linear.basis import principal_directions
from training.linear.recipes import Recipe
from training.linear.whitening import Floats, Labels, Spectrum, discriminative, within_class


@dataclass(frozen=True)
class Blocks:
    """What each block of the vectors is before anything is learnt.

    `whole`: of each block (n, d), its unit vectors; `directions`: (d, k), orthonormal;
    `coordinates`: (n, k), the unit vectors along them. Scaled by the roots of their shares, side by
    side, blocks are the joined vector.
    """

    whole: tuple[Floats, ...]
    directions: tuple[Floats, ...]
    coordinates: tuple[Floats, ...]

    @classmethod
    def of(cls, blocks: Sequence[Floats]) -> "Blocks":
        """Of unit vectors (n, d) of each block. The directions are chosen without a label, from all
        pictures: those that are searched are there before anything is learnt."""
        directions = tuple(principal_directions(each) for each in blocks)
        along = zip(blocks, directions, strict=True)
        return cls(tuple(blocks), directions, tuple(block @ axes for block, axes in along))

    def joined(self, shares: Sequence[float]) -> Floats:
        """(n, k of all blocks that count): what is learnt from."""
        return _side_by_side(self.coordinates, shares)

    def as_searched(self, shares: Sequence[float]) -> Floats:
        """(n, d of all blocks that count), what is searched where nothing is learnt. It is more
        than lies along the directions: vectors have a mean, which may lie across them."""
        return _side_by_side(self.whole, shares)


@dataclass(frozen=True)
class Whitening:
    """Learnt from some pictures: `mean` (d,) of these, and the spectrum within their classes."""

    mean: Floats
    spectrum: Spectrum

    @classmethod
    def learnt(cls, joined: Floats, labels: Labels, taught: NDArray[np.bool_]) -> "Whitening":
        """`taught`: (n,), the pictures that may be learnt from."""
        some = joined[taught]
        return cls(some.mean(axis=0), Spectrum.of(within_class(some, labels[taught])))

    def unscaled(self, joined: Floats) -> Floats:
        """(n, d), to be multiplied by `spectrum.scales`."""
        return np.asarray((joined - self.mean) @ self.spectrum.vectors, dtype=np.float32)

    def scaled(self, joined: Floats, shrinkage: float) -> Floats:
        """(n, d), whitened, along the eigenvectors."""
        return self.unscaled(joined) * self.spectrum.scales(shrinkage)

    def matrix(self, recipe: Recipe, taught: Floats) -> Floats:
        """(d, dimension): what centred vectors are multiplied by; `taught`: those learnt from."""
        matrix = self.spectrum.vectors * self.spectrum.scales(recipe.shrinkage)
        if recipe.dimension is None or recipe.dimension >= matrix.shape[1]:
            return matrix
        leading = discriminative(self.scaled(taught, recipe.shrinkage))
        return np.asarray(matrix @ leading[:, : recipe.dimension], dtype=np.float32)


def _side_by_side(blocks: Sequence[Floats], shares: Sequence[float]) -> Floats:
    counting = zip(shares, blocks, strict=True)
    return np.concatenate(
        [np.float32(share**0.5) * each for share, each in counting if share > 0.0], axis=1
    )


def unit(vectors: Floats) -> Floats:
    """Rows at unit norm; those that are zero stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: Floats = (vectors / np.where(norms > 0.0, norms, 1.0)).astype(np.float32)
    return rows


def mapped(head: LinearMap, vectors: Floats) -> Floats:
    """What the head gives for many vectors at once: its own answers, which are worked out row by
    row and so in the same bits for any batch, but for rounding."""
    return unit(np.asarray((vectors - head.mean) @ head.matrix, dtype=np.float32))
