"""Simulated clicks, and the curve of what they gain."""

import numpy as np
from numpy.typing import NDArray

from evaluation.relations import Relation
from evaluation.watching import Unwatched
from tests.evaluation.making import picture_set
from training.adapters.curve import curve
from training.adapters.simulating import clicks
from training.linear.material import Material, gathered
from training.linear.vectors import unit

PRODUCTS, VIEWS = 40, 4


def material() -> Material:
    """Two catalogues of 20 products."""
    ids = [f"p{number // VIEWS}" for number in range(PRODUCTS * VIEWS // 2)]
    relations = [Relation(("product_id",))]
    return gathered([(picture_set({"product_id": ids}), relations) for _ in range(2)])


def vectors() -> NDArray[np.float32]:
    """Numbers that tell products apart, behind louder ones that say how pictures were taken."""
    random = np.random.default_rng(0)
    told = np.repeat(random.normal(size=(PRODUCTS, 8)), VIEWS, axis=0)
    taken = 2.0 * random.normal(size=(len(told), 4))
    return unit(np.concatenate([told, taken], axis=1).astype(np.float32))


def test_customers_click_their_own_product_and_pass_over_what_was_near() -> None:
    known, seen = material(), vectors()
    taught = known.units % 3 != 0
    judged = clicks(known, seen, taught, "product_id", 200, seed=1)
    product = known.classes["product_id"]
    assert taught[judged].all()
    assert (product[judged[:, 0]] == product[judged[:, 1]]).all()
    assert (judged[:, 0] != judged[:, 1]).all()
    half = len(product) // 2
    for query, _, farther in judged:
        others = [
            each
            for each in np.flatnonzero(taught)
            if product[each] != product[query] and (each < half) == (query < half)
        ]
        nearest = sorted(others, key=lambda each: -float(seen[query] @ seen[each]))[:20]
        assert farther in nearest


def test_the_curve_begins_at_the_model_as_it_is_and_rises_with_judgements() -> None:
    points = curve(material(), vectors(), "product_id", (0, 20, 3000), watch=Unwatched())
    assert [count for count, *_ in points] == [0, 20, 3000]
    (_, none, no_gain, _), _, (_, many, gain, by_question) = points
    assert (no_gain.low, no_gain.mean, no_gain.high) == (0.0, 0.0, 0.0)
    assert many.mean == np.mean(by_question)
    assert gain.low > 0.0
    assert many.mean > none.mean + 0.1
