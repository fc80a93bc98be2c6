"""The formulas, against their plainest recomputation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.errors import DataInvalid
from training.linear.basis import principal_directions
from training.linear.whitening import Spectrum, discriminative, within_class


def material(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Classes of 1 to 5 pictures, and two pictures of no known class."""
    random = np.random.default_rng(seed)
    labels = np.repeat([*range(9), -1], [1, 2, 3, 4, 5, 2, 2, 3, 1, 2])
    means = random.normal(size=(10, 6))
    spread = random.normal(size=(6, 6))
    vectors = means[labels] + random.normal(size=(len(labels), 6)) @ spread
    return vectors.astype(np.float32), labels.astype(np.int64)


def naive_within_class(
    vectors: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    total, weights = np.zeros((vectors.shape[1],) * 2), 0.0
    for label in set(labels.tolist()) - {-1}:
        members = [row.astype(np.float64) for row in vectors[labels == label]]
        if len(members) < 2:
            continue
        mean = sum(members) / len(members)
        for row in members:
            total += np.outer(row - mean, row - mean) / len(members) ** 0.5
            weights += 1.0 / len(members) ** 0.5
    return total / weights


def test_the_scatter_within_classes_is_pooled_as_its_formula_says() -> None:
    vectors, labels = material()
    assert np.allclose(
        within_class(vectors, labels), naive_within_class(vectors, labels), atol=1e-4
    )


def test_classes_of_one_picture_teach_nothing() -> None:
    with pytest.raises(ValueError, match="no class has two"):
        within_class(np.eye(3, dtype=np.float32), np.array([0, 1, -1]))


def test_products_of_equal_pictures_teach_nothing() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32), 3, axis=0)
    labels = np.repeat(np.arange(4), 3)
    with pytest.raises(DataInvalid, match="alike to the model"):
        Spectrum.of(within_class(vectors, labels))


@pytest.mark.parametrize("shrinkage", [0.1, 0.7, 1.0])
def test_scaled_coordinates_have_the_cosines_of_whitened_vectors(shrinkage: float) -> None:
    vectors, labels = material()
    covariance = naive_within_class(vectors, labels)
    shrunk = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / 6 * np.eye(6)
    values, axes = np.linalg.eigh(shrunk)
    whitened = vectors @ (axes @ np.diag(values**-0.5) @ axes.T)
    spectrum = Spectrum.of(within_class(vectors, labels))
    ours = (vectors @ spectrum.vectors) * spectrum.scales(shrinkage)
    assert np.allclose(ours @ ours.T, whitened @ whitened.T, rtol=1e-3, atol=1e-3)


def test_whitened_unshrunk_the_scatter_within_classes_is_the_identity() -> None:
    vectors, labels = material()
    spectrum = Spectrum.of(within_class(vectors, labels))
    whitened = (vectors @ spectrum.vectors) * spectrum.scales(1e-6)
    assert np.allclose(within_class(whitened, labels), np.eye(6), atol=1e-3)


def test_the_leading_directions_are_those_of_linear_discriminant_analysis() -> None:
    vectors, labels = material()
    known = labels >= 0
    vectors, labels = vectors[known], labels[known]
    within = naive_within_class(vectors, labels)
    centred = vectors - vectors.mean(axis=0)
    # LDA's own problem: the largest eigenvalues of S_w^-1 S_t.
    values, axes = np.linalg.eig(np.linalg.inv(within) @ (centred.T @ centred))
    expected = axes[:, np.argsort(-values.real)[:2]].real
    spectrum = Spectrum.of(within_class(vectors, labels))
    matrix = spectrum.vectors * spectrum.scales(1e-7)
    ours = matrix @ discriminative(vectors @ matrix)[:, :2]
    for one, other in zip(ours.T, expected.T, strict=True):
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        assert abs(cosine) == pytest.approx(1.0, abs=1e-3)


def test_principal_directions_are_those_of_the_whole_decomposition() -> None:
    random = np.random.default_rng(3)
    vectors = (random.normal(size=(80, 50)) * 0.8 ** np.arange(50)).astype(np.float32)
    axes = principal_directions(vectors, most=10)
    exact = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)[2][:10].T
    assert axes.shape == (50, 10)
    assert np.allclose(axes.T @ axes, np.eye(10), atol=1e-5)
    assert np.allclose(np.abs(np.sum(axes * exact, axis=0)), 1.0, atol=1e-2)


def test_directions_in_which_nothing_varies_are_left_out() -> None:
    random = np.random.default_rng(4)
    flat = random.normal(size=(30, 3)) @ random.normal(size=(3, 40))
    assert principal_directions(flat.astype(np.float32), most=20).shape == (40, 3)
