"""Outcomes compared, beside loops and means taken by hand."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial
from tests.evaluation.making import picture_set
from training.ablation.measuring import hits
from training.ablation.outcome import Outcome
from training.ablation.results import ablation_json, compare
from training.ablation.table import print_ablation
from training.ablation.variants import Variant

PLAIN, PLAIN_MULTI = Variant(None, "single-scale"), Variant(None, "multi-scale")
TRAINED, TRAINED_MULTI = (
    Variant("robust-contrastive", "single-scale"),
    Variant("robust-contrastive", "multi-scale"),
)
PRODUCTS = ["a", "a", "b", "b", "b", "c", "c", "d"]


@pytest.fixture
def trial() -> Trial:
    return label_trial(picture_set({"product": PRODUCTS}), Relation(("product",)))


def outcome(cosine: list[int], fractional: list[int], steps: int = 0) -> Outcome:
    return Outcome(
        {"cosine": np.array(cosine, float), "fractional": np.array(fractional, float)},
        dimension=4,
        steps=steps,
        seconds=30.0 * steps,
        best_epoch=0 if steps == 20 else 1,
        ended="all is done",
    )


OUTCOMES = {
    PLAIN: [outcome([1, 0, 0, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0])] * 2,
    PLAIN_MULTI: [outcome([1, 1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0])] * 2,
    TRAINED: [
        outcome([1, 1, 1, 0, 1, 0, 0], [1, 1, 1, 1, 1, 0, 0], steps=10),
        outcome([1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 0, 1, 0, 0], steps=20),
    ],
    TRAINED_MULTI: [outcome([1] * 7, [1] * 7, steps=20)] * 2,
}


def test_hits_are_those_of_a_search_by_hand(trial: Trial) -> None:
    vectors = np.random.default_rng(4).normal(size=(8, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected: dict[str, list[bool]] = {"cosine": [], "fractional": []}
    for query in range(7):  # the eighth has nothing to find
        others = [each for each in range(8) if each != query]
        cosine = max(others, key=lambda other: float(vectors[query] @ vectors[other]))
        fractional = min(
            others,
            key=lambda other: float(np.sqrt(np.abs(vectors[query] - vectors[other])).sum()) ** 2,
        )
        expected["cosine"].append(PRODUCTS[cosine] == PRODUCTS[query])
        expected["fractional"].append(PRODUCTS[fractional] == PRODUCTS[query])
    found = hits(trial, vectors)
    assert {name: each.tolist() for name, each in found.items()} == expected
    assert expected["cosine"] != expected["fractional"]


def test_rows_hold_means_over_seeds_and_paired_differences(trial: Trial) -> None:
    rows = {row.variant: row for row in compare(trial, OUTCOMES, [0, 1]).rows}
    trained = rows[TRAINED]
    assert trained.by_seed == pytest.approx((4 / 7, 6 / 7))
    assert trained.recall_at_1["cosine"].mean == pytest.approx(5 / 7)
    assert trained.fractional_over_cosine.mean == pytest.approx((5 / 7 + 4 / 7) / 2 - 5 / 7)
    assert trained.gain is not None
    assert trained.gain.mean == pytest.approx(5 / 7 - 2 / 7)
    assert trained.gain.low <= trained.gain.mean <= trained.gain.high
    assert (trained.steps, trained.seconds) == (15, 450.0)
    assert rows[PLAIN].gain is None
    multi = rows[PLAIN_MULTI].gain
    assert multi is not None
    assert multi.mean == pytest.approx(1 / 7)


def test_forms_are_compared_where_both_were_trained(trial: Trial) -> None:
    both = compare(trial, OUTCOMES, [0, 1]).of_form
    assert [(each.loss, each.difference.mean) for each in both] == [
        (None, pytest.approx(1 / 7)),
        ("robust-contrastive", pytest.approx(2 / 7)),
    ]
    single = {variant: each for variant, each in OUTCOMES.items() if variant.form == PLAIN.form}
    assert compare(trial, single, [0, 1]).of_form == ()


def test_the_tables_fit_into_80_characters_and_hold_every_row(trial: Trial) -> None:
    told = StringIO()
    print_ablation(compare(trial, OUTCOMES, [0, 1]), Console(file=told, width=80))
    text = told.getvalue()
    assert text.count("│robust-contrastive│") == 3
    assert text.count("│plain CNN ") == 3
    assert "…" not in text
    assert "Each was trained for 15 to 20 steps, 7.5 to 10.0 minutes." in text
    assert "which is what is measured: robust-contrastive-multi-scale." in text
    assert "seeds 0, 1, between which the R@1 of a row moves by up to 28.6" in text


def test_json_holds_all_that_the_tables_show(trial: Trial) -> None:
    told = ablation_json(compare(trial, OUTCOMES, [0, 1]))
    assert [(each["loss"], each["form"]) for each in told["variants"]] == [
        (variant.loss, variant.form) for variant in OUTCOMES
    ]
    assert told["variants"][2]["r_at_1"]["cosine"]["mean"] == pytest.approx(5 / 7, abs=1e-6)
    assert told["multi_over_single_scale"][1]["loss"] == "robust-contrastive"
