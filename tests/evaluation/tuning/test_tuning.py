"""Tuning against what is worked out the long way: every picture, every balance, one by one."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.errors import WeightsInvalid
from embedding.fused.balance import Balance
from embedding.fused.cards import fused_card
from evaluation.errors import NothingToMeasure
from evaluation.intervals import Interval
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import label_trial
from evaluation.tuning.candidates import grid, neighbours, rounded
from evaluation.tuning.choosing import choose
from evaluation.tuning.paired import JointBootstrap
from evaluation.tuning.part_ranks import first_ranks, parts_of
from evaluation.tuning.printing import _by_relation
from evaluation.tuning.results import AS_IT_IS, Tuning
from evaluation.tuning.splitting import halved, unit_columns, units
from evaluation.tuning.tuning import aims_of, tune
from evaluation.watching import Unwatched
from tests.evaluation.making import picture_set

PRODUCT = Relation(("product_id",))


def card_of(**weights: float) -> ModelCard:
    return fused_card("mix", weights, {})


def vectors_of(
    card: ModelCard, parts: Mapping[str, NDArray[np.float32]]
) -> list[NDArray[np.float32]]:
    """Vectors of the model; of each part its first numbers are given, the others are 0."""
    vectors = np.zeros((len(next(iter(parts.values()))), card.dimension), dtype=np.float32)
    for part in card.parts:
        given = parts[part.name] / np.linalg.norm(parts[part.name], axis=1, keepdims=True)
        vectors[:, part.start : part.start + given.shape[1]] = given * part.weight**0.5
    return list(vectors)


def shop(products: int, views: int = 2, **labels: list[str]) -> PictureSet:
    ids = [f"p{each}" for each in range(products) for _ in range(views)]
    contents = [str(each).encode() for each in range(len(ids))]
    return picture_set({"product_id": ids, **labels}, contents=contents)


def seen(
    random: np.random.Generator, products: int, noise: float, numbers: int = 8
) -> NDArray[np.float32]:
    """Two views of each product: what is alike in both, and noise that differs."""
    alike = np.repeat(random.normal(size=(products, numbers)), 2, axis=0)
    return (alike + noise * random.normal(size=alike.shape)).astype(np.float32)


def tuned(pictures: PictureSet, card: ModelCard, vectors, **options) -> Tuning:
    aims = aims_of(pictures, [PRODUCT])
    return tune(pictures, aims, card, vectors, watch=Unwatched(), **options)


class TestRanks:
    def test_are_those_of_searches_with_that_balance(self) -> None:
        random = np.random.default_rng(1)
        card = card_of(colour=0.5, texture=0.3, shades=0.2)
        pictures = shop(15)
        vectors = vectors_of(card, {part.name: seen(random, 15, 1.0) for part in card.parts})
        balances = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0], [0.1, 0.2, 0.7]])

        ranks = first_ranks(label_trial(pictures, PRODUCT), parts_of(card, vectors), balances)

        table = np.stack(vectors)
        for row, weights in enumerate(balances):
            balance = Balance(card, dict(zip(card.weights, weights.tolist(), strict=True)))
            scores = balance.cosines(balance.queries(table) @ table.T)
            for query in range(30):
                order = [each for each in np.argsort(-scores[query]) if each != query]
                assert ranks[row, query] == 1 + order.index(query ^ 1)

    def test_put_the_relevant_behind_equals(self) -> None:
        card = card_of(colour=0.5, texture=0.5)
        same = np.ones((4, 2), dtype=np.float32)
        parts = parts_of(card, vectors_of(card, {"colour": same, "texture": same}))

        ranks = first_ranks(label_trial(shop(2), PRODUCT), parts, np.array([[0.5, 0.5]]))

        assert ranks.tolist() == [[3, 3, 3, 3]]


class TestCandidates:
    @pytest.mark.parametrize("parts", [2, 3, 4, 5, 8])
    def test_of_the_grid_are_all_of_their_spacing(self, parts: int) -> None:
        balances, step = grid(parts)
        divisions = round(1 / step)
        every = {
            each
            for each in product(range(divisions + 1), repeat=min(parts, 4))
            if parts <= 4 and sum(each) == divisions
        }

        assert np.allclose(balances.sum(axis=1), 1.0)
        assert np.unique(balances, axis=0).shape == balances.shape
        assert {tuple(row) for row in np.eye(parts)} <= {tuple(row) for row in balances}
        if every:
            assert {tuple(row) for row in np.rint(balances * divisions).astype(int)} == every

    def test_neighbours_give_a_step_of_one_part_to_another(self) -> None:
        near = neighbours(np.array([0.9, 0.1, 0.0]), 0.1)

        assert {tuple(np.round(row, 6)) for row in near} == {
            (0.8, 0.2, 0.0),
            (0.8, 0.1, 0.1),
            (1.0, 0.0, 0.0),
            (0.9, 0.0, 0.1),
        }

    def test_rounding_keeps_the_sum_and_drops_what_is_too_little(self) -> None:
        assert rounded(np.array([1 / 3, 1 / 3, 1 / 3]), 0.02).sum() == pytest.approx(1.0)
        assert rounded(np.array([0.6, 0.39, 0.01]), 0.02).tolist() == [0.61, 0.39, 0.0]


class TestChoosing:
    def test_finds_as_much_as_the_best_of_all_balances(self) -> None:
        random = np.random.default_rng(4)
        card = card_of(colour=0.4, texture=0.3, shades=0.3)
        noises = {"colour": 0.9, "texture": 1.2, "shades": 3.0}
        given = {name: seen(random, 40, noise) for name, noise in noises.items()}
        parts = parts_of(card, vectors_of(card, given))
        trial = label_trial(shop(40), PRODUCT)

        chosen = choose([trial], parts)

        fine = np.array([[a, b, 40 - a - b] for a in range(41) for b in range(41 - a)]) / 40
        hits = (first_ranks(trial, parts, fine) == 1).mean(axis=1)
        gained = (first_ranks(trial, parts, chosen[np.newaxis]) == 1).mean()
        assert chosen.sum() == pytest.approx(1.0)
        assert gained >= hits.max() - 0.015
        assert hits.max() > max(hits[(fine == 1.0).any(axis=1)]) + 0.05


class TestSplitting:
    def test_neither_product_nor_style_nor_file_lies_in_both_halves(self) -> None:
        # Products of two pictures, styles of three products, a file that two styles share.
        count = 200
        labels = {
            "product_id": [f"p{each // 2}" for each in range(count)],
            "style": [f"s{each // 6}" if each % 5 else "" for each in range(count)],
            "category": [f"c{each % 3}" for each in range(count)],
        }
        contents = [str(each - 7 if each % 40 == 9 else each).encode() for each in range(count)]
        pictures = picture_set(labels, contents=contents)
        columns = unit_columns(pictures, [Relation(("style",)), Relation(("category",))])
        unit = units(pictures, columns)

        first = halved(pictures, unit, np.ones(count, dtype=np.bool_), seed=0)

        assert columns == ("product_id", "style")
        assert 0.3 < first.mean() < 0.7
        for codes in [pictures.content_codes(), *(pictures.codes(each) for each in columns)]:
            shared = set(codes[first].tolist()) & set(codes[~first].tolist())
            assert shared <= {-1}

    def test_halves_have_alike_categories_and_as_many_queries(self) -> None:
        category = ["shirts" if each < 40 else "bags" for each in range(80) for _ in range(2)]
        pictures = shop(80, category=category)
        answered = np.arange(160) % 4 < 2

        first = halved(pictures, units(pictures, ("product_id",)), answered, seed=5)

        for name in ("shirts", "bags"):
            of_category = (np.array(category) == name) & answered
            assert (first & of_category).sum() == pytest.approx(of_category.sum() / 2, abs=2)

    def test_pairs_stay_together(self) -> None:
        pictures = picture_set({"x": ["a"] * 4})
        paired = PictureSet(
            source="pairs",
            pictures=pictures.pictures,
            labels={},
            queries=np.array([True, True, False, False]),
            gallery=np.array([False, False, True, True]),
            same={0: frozenset({2}), 1: frozenset({3})},
        )

        assert units(paired, ()).tolist() == [0, 1, 0, 1]


class TestIntervals:
    def test_are_those_of_a_naive_resampling(self) -> None:
        random = np.random.default_rng(6)
        unit_of = [random.integers(30, size=90), random.integers(30, size=50)]
        values = [(random.random(90) < 0.6).astype(float), (random.random(50) < 0.3).astype(float)]

        interval = JointBootstrap(unit_of, draws=4000).mean(values)

        means = []
        every = np.unique(np.concatenate(unit_of))
        for _ in range(4000):
            drawn = random.choice(every, size=len(every))
            of_relation = []
            for units_, each in zip(unit_of, values, strict=True):
                of_relation.append(np.mean(np.concatenate([each[units_ == one] for one in drawn])))
            means.append(np.mean(of_relation))
        low, high = np.percentile(means, [2.5, 97.5])
        assert interval.mean == pytest.approx((values[0].mean() + values[1].mean()) / 2)
        assert (interval.low, interval.high) == (
            pytest.approx(low, abs=0.01),
            pytest.approx(high, abs=0.01),
        )

    def test_stand_when_a_draw_misses_a_relation(self) -> None:
        interval = JointBootstrap([np.arange(5), np.array([0])]).mean([np.ones(5), np.zeros(1)])

        assert (interval.mean, interval.low, interval.high) == (0.5, 0.5, 1.0)


class TestTune:
    def test_recommends_what_tells_products_apart_and_says_what_it_gains(self) -> None:
        random = np.random.default_rng(7)
        card = card_of(colour=0.5, texture=0.5)
        vectors = vectors_of(
            card, {"colour": seen(random, 60, 0.4), "texture": random.normal(size=(120, 8))}
        )

        tuning = tuned(shop(60), card, vectors)

        assert tuning.recommended["colour"] > 0.75
        assert tuning.is_gain
        assert tuning.whole.queries == {"same product_id": 120}
        assert tuning.whole.units == 60
        assert [fold.chosen_on for fold in tuning.folds] == [30, 30]

    def test_measures_each_half_with_what_the_other_chose(self) -> None:
        random = np.random.default_rng(8)
        card = card_of(colour=0.5, texture=0.5)
        given = {"colour": seen(random, 30, 1.0), "texture": seen(random, 30, 1.0)}
        vectors = vectors_of(card, given)
        pictures = shop(30)

        tuning = tuned(pictures, card, vectors)

        unit = units(pictures, ("product_id",))
        first = halved(pictures, unit, np.ones(60, dtype=np.bool_), seed=0)
        trial = label_trial(pictures, PRODUCT)
        parts = parts_of(card, vectors)
        hits = []
        for fold, half in zip(tuning.folds, (~first, first), strict=True):
            weights = np.array([list(fold.weights.values())])
            hits.append((first_ranks(trial, parts, weights)[0] == 1)[half])
            assert fold.measured.mean["tuned"].mean == pytest.approx(hits[-1].mean())
        assert tuning.whole.mean["tuned"].mean == pytest.approx(np.concatenate(hits).mean())

    def test_says_when_nothing_is_gained(self) -> None:
        random = np.random.default_rng(9)
        card = card_of(colour=0.5, texture=0.5)
        alike = seen(random, 40, 0.8)

        tuning = tuned(shop(40), card, vectors_of(card, {"colour": alike, "texture": alike}))

        assert not tuning.is_gain
        assert tuning.gain.mean == 0.0

    def test_compares_with_the_balance_in_use(self) -> None:
        random = np.random.default_rng(10)
        card = card_of(colour=0.5, texture=0.5)
        vectors = vectors_of(
            card, {"colour": seen(random, 30, 0.5), "texture": random.normal(size=(60, 8))}
        )

        tuning = tuned(shop(30), card, vectors, as_it_is={"texture": 1.0})

        assert tuning.as_it_is == {"colour": 0.0, "texture": 1.0}
        assert tuning.whole.mean[AS_IT_IS] == tuning.whole.mean["texture alone"]

    def test_tells_which_relation_fell(self) -> None:
        gains = {"same product_id": Interval(0.2, 0.1, 0.3), "same style": Interval(-0.05, -0.1, 0)}

        told, warning = _by_relation(gains)

        assert "same product_id +20.0 (+10.0 to +30.0); same style -5.0 (-10.0 to" in told
        assert warning.startswith("Beware: same style found less")
        assert _by_relation({"same style": gains["same style"]}) == []

    def test_refuses_too_few_products(self) -> None:
        card = card_of(colour=0.5, texture=0.5)
        vectors = vectors_of(card, dict.fromkeys(card.weights, np.ones((38, 2), np.float32)))

        with pytest.raises(NothingToMeasure, match="only 19 products"):
            tuned(shop(19), card, vectors)

    def test_refuses_a_balance_of_other_parts(self) -> None:
        card = card_of(colour=0.5, texture=0.5)
        vectors = vectors_of(card, dict.fromkeys(card.weights, np.ones((60, 2), np.float32)))

        with pytest.raises(WeightsInvalid, match="no part 'shades'"):
            tuned(shop(30), card, vectors, as_it_is={"shades": 1.0})
