"""Choosing, measuring and learning: on vectors made so that it is known what can be gained."""

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.relations import RELEVANT, Relation
from evaluation.watching import Unwatched
from tests.evaluation.making import picture_set
from training.errors import DataInvalid
from training.linear.asking import answers, folds_of
from training.linear.basis import principal_directions
from training.linear.learning import learn
from training.linear.material import FOLDS, Material, gathered
from training.linear.results import BASE, HEAD, JOINED
from training.linear.vectors import unit

PRODUCTS, VIEWS = 40, 3
PRODUCT = Relation(("product_id",))


def catalogue(products: int = PRODUCTS) -> Material:
    ids = [f"p{number // VIEWS}" for number in range(products * VIEWS)]
    return gathered([(picture_set({"product_id": ids}), [PRODUCT])])


def seen(random: np.random.Generator, nuisance: float) -> NDArray[np.float32]:
    """Unit vectors whose first numbers tell products apart, and whose others say how a picture was
    taken: `nuisance` is how loudly."""
    told = np.repeat(random.normal(size=(PRODUCTS, 12)), VIEWS, axis=0)
    shaken = told + 0.2 * random.normal(size=told.shape)
    taken = nuisance * random.normal(size=(len(told), 6))
    return unit(np.concatenate([shaken, taken], axis=1).astype(np.float32))


def test_what_differs_within_products_is_learnt_to_be_looked_past() -> None:
    material = catalogue()
    loud = seen(np.random.default_rng(0), nuisance=3.0)
    learnt = learn(material, {"model": loud}, threads=2, watch=Unwatched())
    measured = learnt.measured
    assert learnt.is_gain
    assert measured.mean[BASE].mean < 0.6 < 0.9 < measured.mean[HEAD].mean
    assert measured.mean[JOINED] == measured.mean[BASE]
    assert (measured.units, measured.queries) == (PRODUCTS, {"same product_id": 120})
    # The head that serves, of all products, does at least as well by them.
    mapped = learnt.head(loud)
    (found,) = answers(material, [mapped], folds_of(material), range(FOLDS))
    assert found[0].mean() >= measured.mean[HEAD].mean


def test_many_small_sources_leave_no_part_without_queries() -> None:
    """Each of one product, which a source's first part would get."""
    sources = [
        (
            picture_set({"product_id": ["p", "p"]}, contents=[b"a%d" % shop, b"b%d" % shop]),
            [PRODUCT],
        )
        for shop in range(24)
    ]
    material = gathered(sources)
    assert np.bincount(folds_of(material)).tolist() == [12] * FOLDS


def test_the_model_as_it_is_has_all_its_numbers_where_learning_looks_along_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a gain would be counted over less than the model finds by itself."""
    few = partial(principal_directions, most=8)
    monkeypatch.setattr("training.linear.vectors.principal_directions", few)
    material = catalogue()
    vectors = seen(np.random.default_rng(4), nuisance=1.0)
    blocks = {"model": vectors, "shades": vectors[:, ::-1]}
    measured = learn(material, blocks, threads=2, watch=Unwatched()).measured
    (alone,) = answers(material, [vectors], folds_of(material), range(FOLDS))
    assert 0.1 < alone[0].mean() < 1.0
    assert measured.mean[BASE].mean == pytest.approx(alone[0].mean())
    assert measured.mean[JOINED].mean == pytest.approx(alone[0].mean())  # the same numbers twice


def test_where_there_is_nothing_to_learn_it_says_so() -> None:
    random = np.random.default_rng(1)
    noise = unit(random.normal(size=(PRODUCTS * VIEWS, 16)).astype(np.float32))
    learnt = learn(catalogue(), {"model": noise}, threads=2, watch=Unwatched())
    assert not learnt.is_gain


def test_a_block_counts_as_much_as_it_helps() -> None:
    random = np.random.default_rng(2)
    material = catalogue()
    noise = unit(random.normal(size=(PRODUCTS * VIEWS, 16)).astype(np.float32))
    telling = seen(random, nuisance=0.5)
    helped = learn(material, {"model": noise, "shades": telling}, threads=2, watch=Unwatched())
    alone = learn(material, {"model": telling, "shades": noise}, threads=2, watch=Unwatched())
    assert helped.shares["shades"] > 0.0
    assert alone.shares == {"model": 1.0}
    assert helped.measured.gains[BASE].low > 0.2
    shares = helped.recipe.shares
    joined = np.concatenate([shares[0] ** 0.5 * noise, shares[1] ** 0.5 * telling], axis=1)
    assert helped.head.mean == pytest.approx(joined.mean(axis=0), abs=1e-5)


def test_each_fold_is_asked_with_a_head_that_has_not_seen_it() -> None:
    """Labels dealt at random can be learnt by heart, and found again where they were learnt."""
    random = np.random.default_rng(5)
    ids = random.permutation([f"p{number // VIEWS}" for number in range(PRODUCTS * VIEWS)])
    material = gathered([(picture_set({"product_id": ids.tolist()}), [PRODUCT])])
    vectors = unit(random.normal(size=(len(ids), 100)).astype(np.float32))
    learnt = learn(material, {"model": vectors}, threads=2, watch=Unwatched())
    (by_heart,) = answers(material, [learnt.head(vectors)], folds_of(material), range(FOLDS))
    assert by_heart[0].mean() > 0.5
    assert learnt.measured.mean[HEAD].mean < 0.1


def test_answers_are_those_of_a_naive_search() -> None:
    random = np.random.default_rng(3)
    labels = {"product_id": [f"p{each % 25}" for each in range(60)]}
    material = gathered(
        [(picture_set(labels, queries=[each < 40 for each in range(60)]), [PRODUCT])]
    )
    vectors = unit(random.normal(size=(60, 5)).astype(np.float32))
    vectors[7] = vectors[8]  # a tie
    fold = folds_of(material)
    (found,) = answers(material, [vectors], fold, {0, 2})
    trial = material.catalogues[0].trials[0]
    for value, query in zip(found[0], trial.queries, strict=True):
        if fold[query] not in (0, 2):
            assert np.isnan(value)
            continue
        others = [each for each in range(60) if each != query]
        scores = {each: float(vectors[query] @ vectors[each]) for each in others}
        verdicts = trial.judge(np.array([query]), np.array(others))[0]
        best = max(scores[each] for each, verdict in zip(others, verdicts, strict=True)
                   if verdict == RELEVANT)  # fmt: skip
        rival = max(scores[each] for each, verdict in zip(others, verdicts, strict=True)
                    if verdict != RELEVANT)  # fmt: skip
        assert value == float(best > rival)


def test_catalogues_are_learnt_from_together_and_never_mixed() -> None:
    """Products of the same name in two shops are two products."""
    ids = [f"p{each // 2}" for each in range(28)]
    styles = [f"s{each // 4}" for each in range(28)]
    luma = picture_set({"product_id": ids, "style": styles})
    others = [f"of the grocery {each}".encode() for each in range(28)]
    grocery = picture_set({"product_id": ids}, contents=others)
    material = gathered(
        [(luma, [Relation(("style",)), PRODUCT]), (grocery, [PRODUCT])], split_by="style"
    )
    assert material.split_by == ("product_id", "style")
    assert list(material.classes) == ["product_id", "style"]
    assert (material.with_several("product_id"), material.with_several("style")) == (28, 7 + 14)
    first, second = (each.rows for each in material.catalogues)
    assert set(material.units[first]).isdisjoint(material.units[second])
    assert len(set(material.units[first])) == 7
    fold = folds_of(material)
    for number in set(material.units):
        assert len(set(fold[material.units == number])) == 1


def test_pictures_of_two_sources_are_held_out_of_both() -> None:
    """The shop twice, under other ids and in other pairs: what one teaches the other asks."""
    shop = picture_set({"product_id": [f"p{each // VIEWS}" for each in range(PRODUCTS * VIEWS)]})
    # Its pictures are the shop's first sixty.
    again = picture_set({"product_id": [f"q{each // 6}" for each in range(60)]})
    material = gathered([(shop, [PRODUCT]), (again, [PRODUCT])])
    fold = folds_of(material)
    first, second = (each.rows for each in material.catalogues)
    assert np.array_equal(fold[first][:60], fold[second])
    assert len(set(material.units)) == 10 + (PRODUCTS - 20)
    assert set(fold) == set(range(FOLDS))


def test_too_few_products_are_refused_with_how_many_it_takes() -> None:
    with pytest.raises(DataInvalid, match=r"only 19 products.*takes 20"):
        catalogue(products=19)


def test_a_column_that_a_fold_may_leave_without_a_pair_is_not_learnt_by() -> None:
    """One product of two pictures among styles of three: whoever holds it out has none."""
    ids = ["twice", "twice", *(f"p{number}" for number in range(2, PRODUCTS * VIEWS))]
    styles = [f"s{number // VIEWS}" for number in range(PRODUCTS * VIEWS)]
    shop = picture_set({"product_id": ids, "style": styles})
    material = gathered([(shop, [Relation(("style",))])])
    assert "product_id" in material.classes
    loud = seen(np.random.default_rng(0), nuisance=3.0)
    learnt = learn(material, {"model": loud}, threads=2, watch=Unwatched())
    assert {each.column for each in (learnt.recipe, *learnt.chosen_by_fold)} == {"style"}
