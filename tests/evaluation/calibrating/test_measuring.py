"""Figures against naive recomputations, and cuts against counting."""

from math import log

import numpy as np
import pytest

from evaluation.calibrating.measuring import ece, quality, reliability
from evaluation.calibrating.objectives import choose_cut, likely_cut, parse_objective
from evaluation.calibrating.samples import Samples

RANDOM = np.random.default_rng(3)
COUNT = 300
SAID = np.clip(RANDOM.random(COUNT), 0.001, 0.999)
SAMPLES = Samples(
    similarities=SAID,
    matches=RANDOM.random(COUNT) < SAID**1.5,
    weights=RANDOM.uniform(0.5, 2.0, COUNT),
    products=RANDOM.integers(0, 30, COUNT),
)


def naive_ece() -> float:
    total = sum(SAMPLES.weights)
    error = 0.0
    for place in range(10):
        inside = [
            (weight, said, match)
            for weight, said, match in zip(SAMPLES.weights, SAID, SAMPLES.matches, strict=True)
            if place / 10 <= said < (place + 1) / 10
        ]
        mass = sum(weight for weight, _, _ in inside)
        said = sum(weight * each for weight, each, _ in inside) / mass
        seen = sum(weight * each for weight, _, each in inside) / mass
        error += mass / total * abs(said - seen)
    return error


class TestFigures:
    def test_calibration_error_like_a_naive_one(self) -> None:
        assert ece(SAMPLES, SAID) == pytest.approx(naive_ece())

    def test_brier_and_log_loss_like_naive_ones(self) -> None:
        found = quality(SAMPLES, SAID)

        rows = list(zip(SAMPLES.weights, SAID, SAMPLES.matches, strict=True))
        total = sum(weight for weight, _, _ in rows)
        brier = sum(weight * (said - match) ** 2 for weight, said, match in rows) / total
        loss = sum(weight * -log(said if match else 1 - said) for weight, said, match in rows)
        assert found.brier.value == pytest.approx(brier)
        assert found.log_loss.value == pytest.approx(loss / total)
        assert found.ece.value == pytest.approx(naive_ece())

    def test_intervals_are_of_products(self) -> None:
        """Ten times the pictures of the same products make nobody more certain."""
        ten = Samples(
            *(
                np.tile(each, 10)
                for each in (SAID, SAMPLES.matches, SAMPLES.weights, SAMPLES.products)
            )
        )

        once, often = quality(SAMPLES, SAID), quality(ten, np.tile(SAID, 10))

        assert once.brier.low < once.brier.value < once.brier.high
        assert often.brier.high - often.brier.low == pytest.approx(
            once.brier.high - once.brier.low, rel=1e-4
        )

    def test_of_what_is_right(self) -> None:
        said = np.where(SAMPLES.matches, 0.95, 0.05)

        assert ece(SAMPLES, said) == pytest.approx(0.05)

    def test_bins_hold_everything_once(self) -> None:
        bins = reliability(SAMPLES, SAID)

        assert sum(each.share for each in bins) == pytest.approx(1.0)
        assert all(each.low <= each.said < each.high for each in bins)
        assert all(each.seen_low <= each.seen <= each.seen_high for each in bins)


class TestCut:
    def reached(self, at: float) -> tuple[float, float, float]:
        """Precision, recall and F1 of a cut."""
        taken = at <= SAID
        right = SAMPLES.weights[taken & SAMPLES.matches].sum()
        wrong = SAMPLES.weights[taken & ~SAMPLES.matches].sum()
        missed = SAMPLES.weights[~taken & SAMPLES.matches].sum()
        return (
            right / (right + wrong),
            right / (right + missed),
            2 * right / (2 * right + wrong + missed),
        )

    def test_f1_is_the_greatest(self) -> None:
        cut = choose_cut(SAMPLES, parse_objective("f1"), folds=5)

        best = max(self.reached(each)[2] for each in SAID)
        assert self.reached(cut.at)[2] == pytest.approx(best)
        # Chosen without the products that it is measured on, it cannot be better than the best.
        assert cut.f1 <= best

    def test_precision_is_reached_with_the_greatest_recall(self) -> None:
        cut = choose_cut(SAMPLES, parse_objective("precision>=0.7"), folds=5)

        assert self.reached(cut.at)[0] >= 0.7
        better = [each for each in SAID if self.reached(each)[0] >= 0.7]
        assert self.reached(cut.at)[1] == pytest.approx(max(self.reached(e)[1] for e in better))

    def test_precision_that_is_reached_by_products_left_out(self) -> None:
        said = np.where(SAMPLES.matches, 0.9, 0.1) + 0.05 * SAID
        samples = Samples(said, SAMPLES.matches, SAMPLES.weights, SAMPLES.products)

        cut = choose_cut(samples, parse_objective("precision>=0.95"), folds=5)

        assert (cut.met, cut.recall) == (True, 1.0)
        assert cut.precision >= 0.95

    def test_precision_that_cannot_be_reached(self) -> None:
        never = Samples(SAID, np.arange(COUNT) % 2 == 0, np.ones(COUNT), SAMPLES.products)

        cut = choose_cut(never, parse_objective("precision>=0.999"), folds=5)

        reached = [
            never.matches[each <= SAID].mean() for each in SAID if never.matches[each <= SAID].any()
        ]
        # Chance puts a match on top: a cut above all others is right, but not of products left out.
        assert max(reached) == 1.0
        assert cut.precision < 0.999
        assert not cut.met
        taken = cut.at <= SAID
        assert never.matches[taken].mean() == pytest.approx(max(reached))

    def test_cost_is_the_least(self) -> None:
        cut = choose_cut(SAMPLES, parse_objective("cost:5,1"), folds=5)

        def cost(at: float) -> float:
            taken = at <= SAID
            wrong = SAMPLES.weights[taken & ~SAMPLES.matches].sum()
            missed = SAMPLES.weights[~taken & SAMPLES.matches].sum()
            return float((5 * wrong + missed) / SAMPLES.weights.sum())

        assert cost(cut.at) == pytest.approx(min(cost(each) for each in SAID))
        assert cut.cost is not None
        assert cut.cost >= cost(cut.at) - 1e-9

    def test_likely_is_where_a_match_is_as_probable_as_not(self) -> None:
        """Not where most that matches is taken, and a crowd beside it, as the greatest F1 is."""
        said = np.repeat([0.4, 0.7], 500)
        places = np.arange(1000)
        samples = Samples(said, places % 10 < 10 * said, np.ones(1000), places % 50)

        cut = likely_cut(samples, said, 0.5)

        assert (cut.at, cut.precision) == pytest.approx((0.5, 0.7))
        assert cut.recall == pytest.approx(0.7 / 1.1)
        assert choose_cut(samples, parse_objective("f1"), folds=5).at < 0.4

    @pytest.mark.parametrize(
        "text", ["", "f2", "precision>=", "precision>=1", "cost:1", "cost:0,1", "cost:a,b"]
    )
    def test_refuses(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no objective; write likely"):
            parse_objective(text)
