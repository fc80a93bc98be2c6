"""The choice of an index by size, and by what clusters are worth for the vectors."""

import numpy as np
import pytest

from vector_index.clustering import clusters_for
from vector_index.recipes import EXACT_UP_TO, FEWEST_CLUSTERED, build_index


@pytest.fixture(scope="module")
def vectors(neighbourhoods):
    return neighbourhoods(4_000, 16, seed=50)


def recipe(vectors, **limits) -> str:
    return build_index(np.arange(len(vectors)), vectors, **limits).recipe


class TestBuildIndex:
    def test_few_vectors_are_searched_exactly(self, vectors):
        assert recipe(vectors) == "exact-fp16"
        assert recipe(vectors[:0]) == "exact-fp16"

    def test_the_limits_are_numbers_and_vectors(self, vectors):
        assert recipe(vectors, exact_up_to=64_000, fewest_clustered=1) == "exact-fp16"
        assert recipe(vectors, exact_up_to=63_999, fewest_clustered=1) == "pca16-ivf128-sq8"
        assert recipe(vectors, exact_up_to=63_999, fewest_clustered=4_001) == "exact-fp16"

    def test_vectors_without_neighbourhoods_are_searched_exactly(self, unit_vectors):
        noise = unit_vectors(3_000, 64, seed=51)
        assert recipe(noise, exact_up_to=1, fewest_clustered=1) == "exact-fp16"

    def test_sizes_that_people_have(self):
        """10,000 pictures of a small model are exact; 100,000 of any, and a million, are not."""
        assert 10_000 * 640 <= EXACT_UP_TO < 100_000 * 256
        assert FEWEST_CLUSTERED <= 10_000
        assert [clusters_for(count) for count in (5_000, 100_000, 1_000_000)] == [128, 1_024, 2_048]
