import numpy as np
import pytest

from vector_index.agreement import agreement
from vector_index.exact import ExactIndex


class Scripted:
    """An index that answers every query with the same ids."""

    dimension = 8

    def __init__(self, *ids: int) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def nearest(self, queries, count, allowed=None):
        assert allowed is None
        row = np.array([*self._ids, *[-1] * count][:count], np.int64)
        return np.tile(row, (len(queries), 1)), np.zeros((len(queries), count), np.float32)


@pytest.fixture
def ids():
    return np.random.default_rng(30).permutation(2_000)[:600].astype(np.int64)


@pytest.fixture
def vectors(unit_vectors):
    return unit_vectors(600, 8, seed=31)


class TestAgreement:
    def test_the_exact_index_agrees_almost_wholly(self, ids, vectors):
        assert agreement(ExactIndex.build(ids, vectors), ids, vectors) > 0.98

    def test_equals_a_naive_recount(self, ids, vectors):
        """An index that lost the last third of the vectors, every query asked."""
        index = ExactIndex.build(ids[:400], vectors[:400])
        similarities = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
        hits = 0
        for row in range(600):
            ranked = [other for other in np.argsort(-similarities[row]) if other != row]
            kept = [other for other in ranked if other < 400]
            hits += len(set(ranked[:10]) & set(kept[:10]))
        measured = agreement(index, ids, vectors, queries=600)
        assert measured == pytest.approx(hits / 6_000, abs=0.01)
        assert 0.5 < measured < 0.8

    def test_the_same_seed_draws_the_same_queries(self, ids, vectors):
        index = ExactIndex.build(ids[:400], vectors[:400])
        drawn = [agreement(index, ids, vectors, queries=20, seed=seed) for seed in (1, 1, 2, 3)]
        assert drawn[0] == drawn[1]
        assert len(set(drawn)) > 1

    def test_vectors_that_tie_are_as_good_as_each_other(self, unit_vectors):
        """Thirty copies: any ten are right. The eleventh id asked for replaces the query's."""
        copies = np.repeat(unit_vectors(1, 8), 30, axis=0)
        last_ones = Scripted(*range(29, 10, -1))
        assert agreement(last_ones, np.arange(30), copies) == 1.0

    def test_finding_only_itself_earns_nothing(self, unit_vectors):
        vectors = unit_vectors(1, 8).repeat(2, axis=0)
        vectors[1] *= -1
        index = ExactIndex.build(np.array([0]), vectors[:1])
        assert agreement(index, np.array([0, 1]), vectors, count=1) == 0.5

    def test_one_id_many_times_counts_once(self, unit_vectors):
        copies = np.repeat(unit_vectors(1, 8), 30, axis=0)
        index = Scripted(*[40] * 20)
        ids = np.arange(11, 41)
        assert agreement(index, ids, copies, count=10) == pytest.approx(2.9 / 30)

    def test_unknown_ids_count_as_misses(self, ids, vectors):
        assert agreement(Scripted(9_001, 9_002), ids, vectors) == 0.0

    def test_fewer_vectors_than_asked_for(self, vectors):
        index = ExactIndex.build(np.arange(4), vectors[:4])
        assert agreement(index, np.arange(4), vectors[:4], count=10) == 1.0

    @pytest.mark.parametrize("count", [0, 1])
    def test_with_nothing_to_find_there_is_no_disagreement(self, vectors, count):
        index = ExactIndex.build(np.arange(count), vectors[:count])
        assert agreement(index, np.arange(count), vectors[:count]) == 1.0

    def test_refuses_vectors_of_another_dimension(self, ids, vectors, unit_vectors):
        with pytest.raises(ValueError, match="vectors have 5 dimensions"):
            agreement(ExactIndex.build(ids, vectors), ids, unit_vectors(600, 5))

    def test_refuses_more_ids_than_vectors(self, ids, vectors):
        with pytest.raises(ValueError, match="600 ids for 599 vectors"):
            agreement(ExactIndex.build(ids, vectors), ids, vectors[:-1])

    def test_refuses_to_measure_nothing(self, ids, vectors):
        with pytest.raises(ValueError, match="at least 1, got 0"):
            agreement(ExactIndex.build(ids, vectors), ids, vectors, queries=0)
