import numpy as np
import pytest
from numpy.typing import NDArray

from embedding.agreement import mean_cosine, neighbour_recall
from embedding.runtime import unit_rows


def unit_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32))


def naive_recall(reference: NDArray[np.float32], vectors: NDArray[np.float32], count: int) -> float:
    """Picture by picture, sorting by similarity and then by row."""

    def nearest(rows: NDArray[np.float32], query: int) -> set[int]:
        others = [row for row in range(len(rows)) if row != query]
        others.sort(key=lambda row: (-float(rows[query] @ rows[row]), row))
        return set(others[:count])

    hits = [len(nearest(reference, q) & nearest(vectors, q)) for q in range(len(reference))]
    return sum(hits) / (count * len(reference))


class TestNeighbourRecall:
    @pytest.mark.parametrize("noise", [0.0, 0.05, 0.5, 5.0])
    def test_agrees_with_a_naive_recomputation(self, noise: float) -> None:
        reference = unit_vectors(60)
        shaken = reference + noise * unit_vectors(60, seed=1)
        vectors = unit_rows(shaken.astype(np.float32))
        found = neighbour_recall(reference, vectors)
        assert found == pytest.approx(naive_recall(reference, vectors, 10))
        assert (found == 1.0) == (noise == 0.0)

    def test_falls_as_vectors_drift_apart(self) -> None:
        reference = unit_vectors(200)
        recalls = [
            neighbour_recall(reference, unit_rows(reference + noise * unit_vectors(200, seed=1)))
            for noise in (np.float32(0.01), np.float32(0.1), np.float32(1), np.float32(10))
        ]
        assert recalls == sorted(recalls, reverse=True)
        assert recalls[0] > 0.9 > 0.2 > recalls[-1]

    def test_never_counts_a_picture_as_its_own_neighbour(self) -> None:
        """Each row's only common neighbour would be itself."""
        reference = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
        vectors = np.eye(4, dtype=np.float32)[[0, 1, 0, 1]]
        assert neighbour_recall(reference, vectors, count=1) == 0.0

    def test_refuses_too_few_pictures(self) -> None:
        with pytest.raises(ValueError, match="10 pictures do not have 10 neighbours"):
            neighbour_recall(unit_vectors(10), unit_vectors(10))


class TestMeanCosine:
    def test_agrees_with_a_naive_recomputation(self) -> None:
        reference, vectors = unit_vectors(30), unit_vectors(30, seed=1)
        expected = sum(float(a @ b) for a, b in zip(reference, vectors, strict=True)) / 30
        assert mean_cosine(reference, vectors) == pytest.approx(expected, abs=1e-6)

    def test_of_equal_vectors_is_one_and_never_above(self) -> None:
        vectors = unit_vectors(1000)
        assert 1 - 1e-6 < mean_cosine(vectors, vectors) <= 1.0
