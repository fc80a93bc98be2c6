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
from training.quality.against_head import (
    AS_IS,
    BOTH,
    HEAD,
    TUNED,
    Compared,
    Sides,
    compare,
)

PRODUCTS, VIEWS, ASIDE = 60, 3, 20
QUESTION = "same product_id"
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def pictures() -> PictureSet:
    return picture_set({"product_id": [f"p{row // VIEWS}" for row in range(PRODUCTS * VIEWS)]})


def sides(pictures: PictureSet, held_out: int = ASIDE * VIEWS) -> Sides:
    contents = [each.content_sha256 for each in pictures.pictures]
    return Sides(frozenset(contents[held_out:]), frozenset(contents[:held_out]))


def seen(told: int, nuisance: float) -> Floats:
    """The first `told` numbers tell products apart; the last say how a picture was taken."""
    random = np.random.default_rng(told)
    products = np.repeat(random.normal(size=(PRODUCTS, told)), VIEWS, axis=0)
    shaken = products + 0.4 * random.normal(size=products.shape)
    taken = nuisance * random.normal(size=(len(products), 4))
    return unit(np.concatenate([shaken, taken], axis=1).astype(np.float32))


def compared(pictures: PictureSet, aside: Sides) -> Compared:
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
    found = compared(pictures, sides(pictures)).measured
    assert found.mean[AS_IS].mean < found.mean[HEAD].mean < found.mean[BOTH].mean
    assert found.mean[TUNED].mean < found.mean[BOTH].mean
    ahead = found.gains[HEAD]
    assert ahead.mean == pytest.approx(found.mean[BOTH].mean - found.mean[HEAD].mean)
    assert ahead.low > 0.0


def test_counts_the_directions_that_hold_nine_tenths_of_the_scatter(pictures: PictureSet) -> None:
    found = compared(pictures, sides(pictures)).directions

    for count, vectors in zip(found, (seen(5, 3.0), seen(16, 3.0)), strict=True):
        spread = np.cov(vectors[: ASIDE * VIEWS].T.astype(float))
        shares = np.sort(np.linalg.eigvalsh(spread))[::-1] / np.trace(spread)
        assert shares[:count].sum() >= 0.9 > shares[: count - 1].sum()


def test_asks_only_for_what_was_held_out(pictures: PictureSet) -> None:
    found = compared(pictures, sides(pictures))
    assert found.measured.queries == {QUESTION: ASIDE * VIEWS}
    assert (found.measured.units, found.taught) == (ASIDE, (PRODUCTS - ASIDE) * VIEWS)


def test_refuses_a_question_that_nothing_held_out_asks(pictures: PictureSet) -> None:
    with pytest.raises(DataInvalid, match="Hold out more"):
        compared(pictures, sides(pictures, 0))


def test_refuses_a_run_that_learnt_from_siblings_of_what_is_asked_for(pictures: PictureSet) -> None:
    """Of one product a picture more was taught, as where a style is asked for and a run was split
    by its colours."""
    with pytest.raises(DataInvalid, match=r"1 of what must stay together .product_id. lie on both"):
        compared(pictures, sides(pictures, ASIDE * VIEWS - 1))


def test_what_was_left_out_of_a_product_held_out_teaches_no_head(pictures: PictureSet) -> None:
    told = sides(pictures, ASIDE * VIEWS - 1)
    left_out = pictures.pictures[ASIDE * VIEWS - 1].content_sha256
    found = compared(pictures, Sides(told.taught - {left_out}, told.held_out))
    assert found.taught == (PRODUCTS - ASIDE) * VIEWS
