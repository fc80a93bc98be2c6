"""Within-class whitening with shrinkage, and the discriminative reduction that follows from it.

Pictures of one product differ by what does not matter: the side it is seen from, the light, the
hand that holds it. Whatever varies much within products is made to count little.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.errors import DataInvalid

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
"""(n,): equal for pictures of one class, -1 where it is not known."""

_WEIGHT_EXPONENT = 0.5
_LEAST_VARIANCE = 1e-10
"""Of unit vectors along any direction; what rounding makes of equal ones is less."""


def within_class(vectors: Floats, labels: Labels) -> Floats:
    """(n, d) and their labels -> (d, d), the pooled covariance around the means of the classes:

        S_w = sum_k sum_{i in k} n_k^-a (x_i - m_k)(x_i - m_k)^T / sum_k n_k^(1-a)

    over classes k of n_k >= 2 pictures with mean m_k. With a = 0 every picture counts alike, with
    a = 1 every class; a = 0.5 lies between, so that a product of a hundred pictures teaches more
    than one of two, but not fifty times as much. Raises ValueError when no class has two.
    """
    known = labels >= 0
    _, classes, counts = np.unique(labels[known], return_inverse=True, return_counts=True)
    if not (counts > 1).any():
        raise ValueError("no class has two pictures")
    rows = vectors[known]
    means = np.zeros((len(counts), vectors.shape[1]), dtype=np.float32)
    np.add.at(means, classes, rows)
    means /= counts[:, None].astype(np.float32)
    several = counts[classes] > 1
    weights = counts[classes[several]] ** -_WEIGHT_EXPONENT
    scaled = (rows[several] - means[classes[several]]) * np.sqrt(weights)[:, None].astype(
        np.float32
    )
    covariance: Floats = scaled.T @ scaled / np.float32(weights.sum())
    return covariance


@dataclass(frozen=True)
class Spectrum:
    """The eigenvectors, columns of `vectors` (d, d), and eigenvalues (d,) of a covariance."""

    values: Floats
    vectors: Floats

    @classmethod
    def of(cls, covariance: Floats) -> "Spectrum":
        """Raises DataInvalid where nothing varies: no scale would be finite."""
        values, vectors = np.linalg.eigh(covariance)
        if not values.max() > _LEAST_VARIANCE:
            raise DataInvalid(
                "The pictures of each product are alike to the model, such as copies of one file, "
                "so that there is nothing to learn to look past. Give products pictures of several "
                "views, or ask for another --relation."
            )
        return cls(np.maximum(values, np.float32(0.0)), vectors)

    def scales(self, shrinkage: float) -> Floats:
        """(d,): what the coordinates along the eigenvectors are multiplied by.

            W = S^(-1/2),  S = (1 - s) S_w + s (tr S_w / d) I

        W is the within-class covariance normalisation of Hatch, Kajarekar & Stolcke (2006),
        "Within-class covariance normalization for SVM-based speaker recognition"; the shrinkage
        towards a multiple of the identity is that of Ledoit & Wolf (2004), "A well-conditioned
        estimator for large-dimensional covariance matrices", but for s, which is not estimated
        from the covariance: it is chosen by what is found. 0 < s <= 1; s = 1 only scales.

        Shrinking moves the eigenvalues and leaves the eigenvectors where they are, so that one
        decomposition serves every shrinkage; and V^T x, scaled, has the cosines of W x, of which
        it is a rotation.
        """
        shrunk = (1.0 - shrinkage) * self.values + shrinkage * self.values.mean()
        scales: Floats = (1.0 / np.sqrt(shrunk)).astype(np.float32)
        return scales


def discriminative(whitened: Floats) -> Floats:
    """(n, d), whitened -> (d, d), orthonormal: columns by their total scatter, the most first.

    Where the scatter within classes is the identity, the directions of most total scatter are
    those of most scatter between classes: the first columns are those of linear discriminant
    analysis (Fukunaga 1990, "Introduction to Statistical Pattern Recognition", 10.2).
    """
    centred = whitened - whitened.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    leading: Floats = np.ascontiguousarray(vectors[:, ::-1])
    return leading
