"""Vectors to search among, and the naive search every answer is compared with."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

UnitVectors = Callable[..., NDArray[np.float32]]
NaiveNearest = Callable[..., tuple[NDArray[np.int64], NDArray[np.float32]]]


@pytest.fixture(scope="session")
def unit_vectors() -> UnitVectors:
    def make(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
        vectors = np.random.default_rng(seed).standard_normal((count, dimension))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def naive_nearest() -> NaiveNearest:
    """Score everything one by one, in double precision, over half-precision vectors."""

    def search(
        gallery: Mapping[int, NDArray[np.float32]],
        queries: NDArray[np.float32],
        count: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        candidates = set(gallery) if allowed is None else set(gallery) & set(allowed.tolist())
        ids = np.full((len(queries), count), -1, np.int64)
        similarities = np.full((len(queries), count), -np.inf, np.float32)
        for row, query in enumerate(queries):
            scored = []
            for identity in candidates:
                stored = gallery[identity].astype(np.float16).astype(np.float64)
                similarity = np.float32(np.sum(stored * query.astype(np.float64)))
                scored.append((-similarity, identity))
            for place, (negative, identity) in enumerate(sorted(scored)[:count]):
                ids[row, place] = identity
                similarities[row, place] = -negative
        return ids, similarities

    return search


@pytest.fixture(scope="session")
def neighbourhoods() -> UnitVectors:
    """Unit vectors as embeddings lie: many small neighbourhoods of uneven size, each with a shape.

    Of two calls with the same `centres` the vectors lie in the same neighbourhoods.
    """

    def make(count: int, dimension: int, seed: int = 0, *, centres: int = 7) -> NDArray[np.float32]:
        places = np.random.default_rng(centres)
        means = places.standard_normal((80, dimension))
        widths = places.uniform(0.1, 0.6, (80, dimension))
        shares = places.dirichlet(np.full(80, 0.7))
        rng = np.random.default_rng(seed)
        chosen = rng.choice(80, count, p=shares)
        vectors = means[chosen] + widths[chosen] * rng.standard_normal((count, dimension))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    return make
