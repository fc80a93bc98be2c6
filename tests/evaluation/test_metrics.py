"""Every measure against a naive recomputation from ranked lists, scikit-learn, and by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score
from sklearn.metrics import ndcg_score as sklearn_ndcg

from evaluation.metrics import (
    RelevantRanks,
    average_precision,
    hit_rate,
    map_at_r,
    measures,
    ndcg,
    precision,
    r_precision,
    recall,
    reciprocal_rank,
)

RankedLists = list[list[bool]]

# One list a query: is the picture at rank 1, 2, … relevant? At least one always is.
ranked_lists = st.lists(
    st.lists(st.booleans(), min_size=1, max_size=30).filter(any), min_size=1, max_size=8
)
cut_offs = st.integers(1, 40)


def ranks_of(lists: Sequence[Sequence[bool]]) -> RelevantRanks:
    ranks = [[rank for rank, hit in enumerate(each, 1) if hit] for each in lists]
    return RelevantRanks(np.concatenate(ranks), np.array([len(each) for each in ranks]))


def naive_average_precision(hits: Sequence[bool], k: int) -> float:
    precisions = [
        sum(hits[: place + 1]) / (place + 1) for place in range(min(k, len(hits))) if hits[place]
    ]
    return sum(precisions) / min(k, sum(hits))


def naive_dcg(hits: Sequence[bool], k: int) -> float:
    return sum(hit / math.log2(place + 2) for place, hit in enumerate(hits[:k]))


class TestAgainstRankedLists:
    @given(ranked_lists, cut_offs)
    def test_hits_recall_and_precision(self, lists: RankedLists, k: int) -> None:
        found = ranks_of(lists)

        assert hit_rate(found, k).tolist() == [float(any(hits[:k])) for hits in lists]
        assert recall(found, k) == pytest.approx([sum(hits[:k]) / sum(hits) for hits in lists])
        assert precision(found, k) == pytest.approx([sum(hits[:k]) / k for hits in lists])

    @given(ranked_lists, cut_offs)
    def test_average_precision(self, lists: RankedLists, k: int) -> None:
        found = ranks_of(lists)

        assert average_precision(found, k) == pytest.approx(
            [naive_average_precision(hits, k) for hits in lists]
        )
        assert average_precision(found) == pytest.approx(
            [naive_average_precision(hits, len(hits)) for hits in lists]
        )

    @given(ranked_lists)
    def test_measures_at_r(self, lists: RankedLists) -> None:
        found = ranks_of(lists)

        assert r_precision(found) == pytest.approx(
            [sum(hits[: sum(hits)]) / sum(hits) for hits in lists]
        )
        assert map_at_r(found) == pytest.approx(
            [naive_average_precision(hits, sum(hits)) for hits in lists]
        )

    @given(ranked_lists, cut_offs)
    def test_reciprocal_rank_and_gain(self, lists: RankedLists, k: int) -> None:
        found = ranks_of(lists)

        assert reciprocal_rank(found) == pytest.approx(
            [1 / (hits.index(True) + 1) for hits in lists]
        )
        assert ndcg(found, k) == pytest.approx(
            [naive_dcg(hits, k) / naive_dcg(sorted(hits, reverse=True), k) for hits in lists]
        )


class TestAgainstScikitLearn:
    @pytest.fixture
    def relevant(self) -> NDArray[np.bool_]:
        random = np.random.default_rng(3)
        return random.random((40, 60)) < random.uniform(0.02, 0.5, (40, 1))

    @pytest.fixture
    def lists(self, relevant: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return relevant[relevant.any(axis=1)]

    def test_average_precision(self, lists: NDArray[np.bool_]) -> None:
        scores = -np.arange(lists.shape[1], dtype=float)

        assert average_precision(ranks_of(lists.tolist())) == pytest.approx(
            [average_precision_score(hits, scores) for hits in lists]
        )

    def test_mean_average_precision(self, lists: NDArray[np.bool_]) -> None:
        scores = np.tile(-np.arange(lists.shape[1], dtype=float), (len(lists), 1))

        assert average_precision(ranks_of(lists.tolist())).mean() == pytest.approx(
            label_ranking_average_precision_score(lists, scores)
        )

    @pytest.mark.parametrize("k", [1, 5, 10, 100])
    def test_gain(self, lists: NDArray[np.bool_], k: int) -> None:
        scores = np.tile(-np.arange(lists.shape[1], dtype=float), (len(lists), 1))

        assert ndcg(ranks_of(lists.tolist()), k).mean() == pytest.approx(
            sklearn_ndcg(lists, scores, k=k)
        )


class TestByHand:
    """Relevant at ranks 1, 3 and 6 of 10."""

    found = RelevantRanks(np.array([1, 3, 6]), np.array([3]))

    def test_every_measure(self) -> None:
        values = {name: measure(self.found)[0] for name, measure in measures((1, 5)).items()}

        assert values == pytest.approx(
            {
                "R@1": 1.0,
                "R@5": 1.0,
                "MRR": 1.0,
                "mAP": (1 / 1 + 2 / 3 + 3 / 6) / 3,
                "MAP@R": (1 / 1 + 2 / 3) / 3,
                "R-precision": 2 / 3,
                "mAP@5": (1 / 1 + 2 / 3) / 3,
                "nDCG@5": (1 + 0.5) / (1 + 1 / math.log2(3) + 0.5),
                "P@5": 2 / 5,
                "recall@5": 2 / 3,
            }
        )

    def test_average_precision_can_reach_one_with_more_relevant_than_k(self) -> None:
        found = RelevantRanks(np.arange(1, 9), np.array([8]))

        assert average_precision(found, 5).tolist() == [1.0]
        assert recall(found, 5).tolist() == [5 / 8]


class TestRelevantRanks:
    @pytest.mark.parametrize(
        ("ranks", "counts"),
        [([1, 2], [2, 0]), ([1, 2], [1]), ([0, 2], [2]), ([2, 1], [2]), ([3, 3], [2])],
    )
    def test_refuse_what_cannot_be_ranks(self, ranks: list[int], counts: list[int]) -> None:
        with pytest.raises(ValueError, match=r"rank"):
            RelevantRanks(np.array(ranks), np.array(counts))

    def test_may_fall_from_one_query_to_the_next(self) -> None:
        found = RelevantRanks(np.array([4, 9, 1]), np.array([2, 1]))

        assert found.first.tolist() == [4, 1]
        assert found.ordinals.tolist() == [1, 2, 1]
