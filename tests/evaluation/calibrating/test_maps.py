"""PAV, Platt's sigmoid, and the choice between them."""

import numpy as np
import pytest

from evaluation.calibrating.fitting import apply, fit, log_loss, splits
from evaluation.calibrating.isotonic import fit_isotonic, pool_adjacent_violators
from evaluation.calibrating.platt import fit_platt, platt_parameters, sigmoid
from evaluation.calibrating.samples import Samples


def samples_of(
    count: int, *, slope: float = 30.0, products: int = 40, seed: int = 0, step: bool = False
) -> Samples:
    """Whose probability of a match is a known function of the similarity."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0.4, 1.0, count)
    truth = np.where(scores > 0.8, 0.9, 0.1) if step else sigmoid(slope, -0.75 * slope, scores)
    return Samples(
        similarities=scores,
        matches=random.random(count) < truth,
        weights=random.uniform(0.5, 1.5, count),
        products=random.integers(0, products, count),
    )


class TestPool:
    def test_like_a_naive_recomputation(self) -> None:
        """The isotonic values are max over starts of min over ends of the mean between them."""
        random = np.random.default_rng(1)
        for _ in range(20):
            targets, weights = random.random(12), random.uniform(0.1, 2.0, 12)
            naive = [
                max(
                    min(
                        np.average(targets[start:end], weights=weights[start:end])
                        for end in range(place + 1, 13)
                    )
                    for start in range(place + 1)
                )
                for place in range(12)
            ]
            assert pool_adjacent_violators(targets, weights) == pytest.approx(naive)

    def test_like_scikit_learn(self) -> None:
        isotonic = pytest.importorskip("sklearn.isotonic")
        random = np.random.default_rng(2)
        targets, weights = random.random(500), random.uniform(0.1, 2.0, 500)

        expected = isotonic.isotonic_regression(targets, sample_weight=weights)

        assert pool_adjacent_violators(targets, weights) == pytest.approx(expected)

    def test_of_what_is_in_order_already(self) -> None:
        targets = np.array([0.1, 0.2, 0.9])

        assert pool_adjacent_violators(targets, np.ones(3)).tolist() == targets.tolist()


class TestIsotonic:
    def test_is_near_the_truth_and_a_short_table(self) -> None:
        found = fit_isotonic(samples_of(20_000))

        places = np.linspace(0.45, 0.95, 50)
        assert np.abs(apply(found, places) - sigmoid(30.0, -22.5, places)).mean() < 0.02
        assert len(found.similarities) < 250

    def test_never_claims_certainty(self) -> None:
        scores = np.repeat([0.5, 0.9], 10)
        sure = Samples(scores, scores > 0.8, np.ones(20), np.tile(np.arange(5), 4))

        found = fit_isotonic(sure)

        # Of matches 5 products were seen, of others 10 samples.
        assert found.probabilities[-1] == pytest.approx(6 / 7)
        assert found.probabilities[0] == pytest.approx(1 / 12)

    def test_equal_scores_are_one_point(self) -> None:
        same = Samples(
            np.full(10, 0.7), np.arange(10) % 2 == 0, np.ones(10), np.arange(10, dtype=np.int64)
        )

        assert len(fit_isotonic(same).similarities) == 1


class TestPlatt:
    def test_like_scikit_learn(self) -> None:
        linear = pytest.importorskip("sklearn.linear_model")
        samples = samples_of(3000)
        # Without smoothing this is plain logistic regression.
        model = linear.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
        model.fit(samples.similarities[:, None], samples.matches, samples.weights)

        slope, offset = platt_parameters(
            samples.similarities, samples.matches.astype(np.float64), samples.weights
        )

        assert slope == pytest.approx(float(model.coef_[0, 0]), rel=1e-3)
        assert offset == pytest.approx(float(model.intercept_[0]), rel=1e-3)

    def test_scores_that_lie_close_together(self) -> None:
        samples = samples_of(3000)
        squeezed = 0.99 + samples.similarities / 1000.0
        targets = samples.smoothed_targets()

        wide = platt_parameters(samples.similarities, targets, samples.weights)
        narrow = platt_parameters(squeezed, targets, samples.weights)

        assert narrow[0] == pytest.approx(1000.0 * wide[0], rel=1e-6)

    def test_table_follows_the_sigmoid(self) -> None:
        samples = samples_of(5000)
        slope, offset = platt_parameters(
            samples.similarities, samples.smoothed_targets(), samples.weights
        )

        found = fit_platt(samples)

        places = np.linspace(*found.similarities[:: len(found.similarities) - 1], 200)
        assert np.abs(apply(found, places) - sigmoid(slope, offset, places)).max() < 0.005

    def test_falling_scores_say_only_how_often(self) -> None:
        samples = samples_of(2000)
        upside_down = Samples(
            1.0 - samples.similarities, samples.matches, samples.weights, samples.products
        )

        found = fit_platt(upside_down)

        rate = np.average(samples.smoothed_targets(), weights=samples.weights)
        assert found.probabilities == pytest.approx((rate,))


class TestFit:
    def test_holds_out_whole_products(self) -> None:
        samples = samples_of(400, products=23)
        held_out = np.zeros(400, dtype=int)
        for fitted, held in splits(samples, 5):
            assert not set(samples.products[fitted]) & set(samples.products[held])
            assert (fitted != held).all()
            held_out += held
        assert (held_out == 1).all()

    @pytest.mark.parametrize(("step", "method"), [(True, "isotonic"), (False, "platt")])
    def test_chooses_by_the_loss_on_products_left_out(self, step: bool, method: str) -> None:
        samples = samples_of(800 if not step else 4000, step=step)

        found = fit(samples, wish="auto", folds=5)

        assert found.method == method
        assert found.losses[found.method] == min(found.losses.values())
        assert found.losses[found.method] == pytest.approx(log_loss(samples, found.held_out))

    def test_as_it_is_wished_for(self) -> None:
        found = fit(samples_of(300), wish="isotonic", folds=3)

        assert (found.method, list(found.losses)) == ("isotonic", ["isotonic"])
