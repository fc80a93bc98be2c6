"""Reductions against their plainest recomputation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.adapters.reductions import from_matched_pairs, principal


def material() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Twenty pairs that agree in two numbers, and differ loudly in two others."""
    random = np.random.default_rng(0)
    told = np.repeat(random.normal(size=(20, 2)), 2, axis=0)
    loud = 5.0 * random.normal(size=(40, 2))
    quiet = 0.1 * random.normal(size=(40, 3))
    vectors = np.concatenate([told, loud, quiet], axis=1).astype(np.float32)
    return vectors, np.arange(40).reshape(20, 2)


def test_principal_components_keep_the_most_variance() -> None:
    vectors, _ = material()
    head = principal(vectors, 3)
    centred = vectors - vectors.mean(axis=0)
    exact = np.linalg.svd(centred, full_matrices=False)[2][:3]
    assert np.allclose(np.abs(np.sum(head.matrix.T * exact, axis=1)), 1.0, atol=1e-4)
    assert np.allclose(head.mean, vectors.mean(axis=0))


def test_matched_pairs_tell_which_directions_to_keep() -> None:
    """Naively: the leading generalised eigenvectors of total scatter and differences of pairs."""
    vectors, pairs = material()
    head = from_matched_pairs(vectors, pairs, 2, shrinkage=1e-4)
    differences = [np.outer(vectors[i] - vectors[j], vectors[i] - vectors[j]) for i, j in pairs]
    within = sum(differences) / (2 * len(pairs))
    within = (1 - 1e-4) * within + 1e-4 * np.trace(within) / 7 * np.eye(7)
    centred = vectors - vectors.mean(axis=0)
    values, axes = np.linalg.eig(np.linalg.inv(within) @ (centred.T @ centred))
    expected = np.linalg.qr(axes[:, np.argsort(-values.real)[:2]].real)[0]
    ours = np.linalg.qr(head.matrix)[0]
    # The same plane: its principal angles are nothing.
    assert np.allclose(np.linalg.svd(expected.T @ ours)[1], 1.0, atol=1e-3)
    kept = np.linalg.norm(ours[:2])
    assert kept > 1.3  # of sqrt(2): it is the plane in which pairs agree


def test_no_pairs_and_too_many_dimensions_are_refused() -> None:
    vectors, pairs = material()
    with pytest.raises(ValueError, match="8 dimensions of vectors of 7"):
        principal(vectors, 8)
    with pytest.raises(ValueError, match="no pairs"):
        from_matched_pairs(vectors, pairs[:0], 2, shrinkage=0.1)
