"""A fine-tuned network beside a linear head, on vectors made so that it is known which is ahead."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.watching import Unwatched
from tests.evaluation.making import picture_set
from training.errors import DataInvalid
from training.linear.vectors import unit
from training.quality.against_head import AS_IS, BOTH, HEAD, TUNED, Compared, compare

PRODUCTS, VIEWS, ASIDE = 60, 3, 20
QUESTION = "same product_id"
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def pictures() -> PictureSet:
    return picture_set({"product_id": [f"p{row // VIEWS}" for row in range(PRODUCTS * VIEWS)]})


def held_out(pictures: PictureSet, products: int = ASIDE) -> frozenset[str]:
    return frozenset(each.content_sha256 for each in pictures.pictures[: products * VIEWS])


def seen(told: int, nuisance: float) -> Floats:
    """The first `told` numbers tell products apart; the last say how a picture was taken."""
    random = np.random.default_rng(told)
    products = np.repeat(random.normal(size=(PRODUCTS, told)), VIEWS, axis=0)
    shaken = products + 0.4 * random.normal(size=products.shape)
    taken = nuisance * random.normal(size=(len(products), 4))
    return unit(np.concatenate([shaken, taken], axis=1).astype(np.float32))


def compared(pictures: PictureSet, aside: frozenset[str]) -> Compared:
    plain = unit(np.ones((len(pictures.pictures), 4), dtype=np.float32))
    plain = unit(plain + 0.1 * seen(4, 1.0)[:, :4])
    return compare(
        [(pictures, [Relation(("product_id",))])],
        aside,
        seen(5, 3.0),
        seen(16, 3.0),
        plain,
        threads=1,
        watch=Unwatched(),
    )


def test_says_what_a_network_that_tells_more_adds_to_the_same_head(pictures: PictureSet) -> None:
    found = compared(pictures, held_out(pictures)).measured
    assert found.mean[AS_IS].mean < found.mean[HEAD].mean < found.mean[BOTH].mean
    assert found.mean[TUNED].mean < found.mean[BOTH].mean
    ahead = found.gains[HEAD]
    assert ahead.mean == pytest.approx(found.mean[BOTH].mean - found.mean[HEAD].mean)
    assert ahead.low > 0.0


def test_asks_only_for_what_was_held_out(pictures: PictureSet) -> None:
    found = compared(pictures, held_out(pictures))
    assert found.measured.queries == {QUESTION: ASIDE * VIEWS}
    assert (found.measured.units, found.taught) == (ASIDE, (PRODUCTS - ASIDE) * VIEWS)


def test_refuses_a_question_that_nothing_held_out_asks(pictures: PictureSet) -> None:
    with pytest.raises(DataInvalid, match="Hold out more"):
        compared(pictures, frozenset())
