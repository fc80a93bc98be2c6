"""Which pairs and hits maps are fitted to, against naive loops over a small catalogue."""

import numpy as np
import pytest

from embedding.classic import ClassicEmbedder
from embedding.fused.balance import Balance
from evaluation.calibrating.calibrating import LEAST_PRODUCTS, things, trial_of
from evaluation.calibrating.collecting import (
    ABSENT,
    DEPTH,
    Pictured,
    compared_pairs,
    labelled_pairs,
    shown_hits,
)
from evaluation.errors import NothingToMeasure, RelationInvalid
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import label_trial
from tests.evaluation.making import picture_set

PRODUCTS = 15


def catalogue(products: int = PRODUCTS) -> PictureSet:
    """Two to four pictures of each."""
    names = [f"p{number}" for number in range(products) for _ in range(2 + number % 3)]
    return picture_set({"product_id": names})


@pytest.fixture
def pictured() -> Pictured:
    pictures = catalogue()
    random = np.random.default_rng(5)
    centres = random.normal(size=(PRODUCTS, 8))[pictures.codes("product_id")]
    vectors = centres + 0.7 * random.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Pictured.of(
        label_trial(pictures, Relation(("product_id",))),
        list(vectors.astype(np.float32)),
        Balance(ClassicEmbedder().card),
    )


def similarities(pictured: Pictured) -> np.ndarray:
    return np.asarray((pictured.vectors @ pictured.vectors.T + 1.0) / 2.0)


class TestPairs:
    def test_matches_are_all_and_others_have_their_look_alikes(self, pictured: Pictured) -> None:
        samples = compared_pairs(pictured)
        labels = pictured.trial.pictures.codes("product_id")
        scores = similarities(pictured)

        alike = [
            scores[one, other]
            for one in range(len(labels))
            for other in range(len(labels))
            if one != other and labels[one] == labels[other]
        ]
        assert sorted(samples.similarities[samples.matches]) == pytest.approx(sorted(alike))
        nearest = [max(scores[one][labels != labels[one]]) for one in range(len(labels))]
        others = set(np.round(samples.similarities[~samples.matches], 5))
        assert set(np.round(np.array(nearest, dtype=np.float64), 5)) <= others

    def test_products_weigh_the_same_and_half_of_it_matches(self, pictured: Pictured) -> None:
        samples = compared_pairs(pictured)

        for product in range(PRODUCTS):
            of_it = samples.where(samples.products == product)
            assert of_it.weights.sum() == pytest.approx(1.0)
            assert of_it.weights[of_it.matches].sum() == pytest.approx(0.5)

    def test_labelled_ones_are_those_and_no_others(self, pictured: Pictured) -> None:
        samples = labelled_pairs(pictured, {0: frozenset({5, 6}), 3: frozenset({8})})

        scores = similarities(pictured)
        found = sorted(samples.similarities[~samples.matches])
        assert found == pytest.approx(sorted([scores[0, 5], scores[0, 6], scores[3, 8]]))
        assert samples.weights[samples.matches].sum() == pytest.approx(
            samples.weights[~samples.matches].sum()
        )


class TestHits:
    def test_like_a_naive_search(self, pictured: Pictured) -> None:
        hits = shown_hits(pictured)
        labels = pictured.trial.pictures.codes("product_id")
        scores = similarities(pictured)

        expected: list[tuple[float, bool, bool, float]] = []
        for query in range(len(labels)):
            of_products = {
                product: max(
                    scores[query, each]
                    for each in np.flatnonzero(labels == product)
                    if each != query
                )
                for product in set(labels.tolist())
            }
            own = int(labels[query])
            weight = 1.0 / (labels == own).sum()
            for share, left in ((1.0 - ABSENT, of_products), (ABSENT, of_products)):
                shown = {k: v for k, v in left.items() if share != ABSENT or k != own}
                first = sorted(shown.items(), key=lambda each: -each[1])[:DEPTH]
                expected += [
                    (float(score), product == own, rank == 0, share * weight / DEPTH)
                    for rank, (product, score) in enumerate(first)
                ]
        samples = hits.samples
        found = zip(
            samples.similarities.tolist(),
            samples.matches.tolist(),
            hits.first.tolist(),
            samples.weights.tolist(),
            strict=True,
        )
        assert np.allclose(sorted(found), sorted(expected), atol=1e-6)

    def test_of_what_is_absent_nothing_matches(self, pictured: Pictured) -> None:
        hits = shown_hits(pictured)

        first = hits.samples.where(hits.first)
        rate = np.average(first.matches, weights=first.weights)
        assert 0.0 < rate <= 1.0 - ABSENT


class TestTrial:
    def test_refuses_too_few_products(self) -> None:
        with pytest.raises(NothingToMeasure, match=f"only 15 labels.*needs {LEAST_PRODUCTS}"):
            trial_of(catalogue(), None)

    def test_is_of_the_same_product_unless_told_otherwise(self) -> None:
        assert trial_of(catalogue(25), None).name == "same product_id"

    def test_needs_a_column(self) -> None:
        with pytest.raises(RelationInvalid, match=r"no column product_id.*one of style"):
            trial_of(picture_set({"style": ["a", "a"]}), None)

    def test_pairs_join_to_things(self) -> None:
        pictures = picture_set({"x": ["", "", "", "", ""]})
        joined = PictureSet(
            **{
                **vars(pictures),
                "same": {0: frozenset({1}), 1: frozenset({2}), 3: frozenset({4})},
            }
        )

        codes = things(joined)

        assert codes[0] == codes[1] == codes[2]
        assert codes[3] == codes[4] != codes[0]
