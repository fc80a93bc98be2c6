"""Fewer numbers per vector to look through: its principal components, rounded to eight bits."""

from typing import Final

import faiss
import numpy as np
from numpy.typing import NDArray

# Components kept. The fewer there are, the faster a search looks through them and the more
# candidates it must then score: of 100,000 vectors of 1,280 dimensions, the best 64 by 256, 384
# and 512 components hold 97.9, 99.4 and 99.9 % of the 28 nearest.
WIDEST: Final = 384

_SAMPLE: Final = 20_000
_LARGEST_CODE: Final = 127


class Projection:
    """Principal axes, each with a scale of its own: what one step of its codes is worth.

    The axes are those of the second moments about zero, not about the mean: these keep inner
    products best.
    """

    def __init__(self, code_axes: NDArray[np.float32]) -> None:
        """code_axes: float32 (width, dimension), orthogonal, each as long as its codes are fine.

        Raises ValueError for an axis without length.
        """
        self.code_axes = np.ascontiguousarray(code_axes)
        squares = np.einsum("ij,ij->i", code_axes, code_axes)
        if not (np.isfinite(squares) & (squares > 0)).all():
            raise ValueError("an axis has no length")
        self.scales: NDArray[np.float32] = 1 / np.sqrt(squares)
        self._query_axes = self.code_axes / squares[:, np.newaxis]

    @classmethod
    def learnt(cls, vectors: NDArray[np.float32], *, seed: int) -> "Projection":
        """Of a sample drawn from `seed`. vectors: float32 (n, dimension), n > 0."""
        size = min(len(vectors), _SAMPLE)
        drawn = np.sort(np.random.default_rng(seed).choice(len(vectors), size, replace=False))
        sample = vectors[drawn].astype(np.float64)
        _, axes = np.linalg.eigh(sample.T @ sample)
        chosen = axes[:, ::-1][:, :WIDEST]
        furthest = np.abs(sample @ chosen).max(axis=0)
        # What no vector of the sample uses at all is nothing but rounding errors.
        scales = np.maximum(furthest, 1e-6) / _LARGEST_CODE
        return cls((chosen / scales).T.astype(np.float32))

    @property
    def width(self) -> int:
        return len(self.code_axes)

    @property
    def dimension(self) -> int:
        return int(self.code_axes.shape[1])

    def components(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (n, width) of vectors float32 (n, dimension): coordinates on the unit axes."""
        components: NDArray[np.float32] = vectors @ self.code_axes.T
        components *= self.scales
        return components

    def codes(self, components: NDArray[np.float32]) -> NDArray[np.uint8]:
        """uint8 (n, width): steps from 128."""
        steps = np.rint(components / self.scales)
        # Beyond the furthest of the sample a component counts as that.
        np.clip(steps, -_LARGEST_CODE, _LARGEST_CODE, out=steps)
        codes: NDArray[np.uint8] = (steps + 128).astype(np.uint8)
        return codes

    def of_query(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (width,), whose inner product with a code is that of query and vector, nearly."""
        projected = np.empty(self.width, np.float32)
        inner_products(self._query_axes, query, projected)
        return projected


def inner_products(
    vectors: NDArray[np.float32], query: NDArray[np.float32], scores: NDArray[np.float32]
) -> None:
    """Fills `scores` (n,) with the inner products of a query and vectors (n, dimension)."""
    # Not a matrix product: BLAS would wake its threads, which on a busy machine takes longer.
    faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
        faiss.swig_ptr(scores),
        faiss.swig_ptr(query),
        faiss.swig_ptr(vectors),
        vectors.shape[1],
        len(vectors),
    )
