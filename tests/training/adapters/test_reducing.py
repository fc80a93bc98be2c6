"""Shorter vectors, from the command line to the model that gives them."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedding.linear_head.linear_map import LinearMap
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.evaluation.command_line import CommandLine, command_line
from tests.pictures import drawn
from tests.training.making import write_hard_catalogue
from training.adapters.reductions import matched_pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reducing")
    write_hard_catalogue(folder, products=24, views=5)
    return folder


@pytest.fixture(scope="module")
def likeness(folder: Path) -> CommandLine:
    return command_line(folder)


@pytest.mark.parametrize(("method", "products"), [("pca", 0), ("discriminative", 24)])
def test_a_model_of_so_many_numbers_is_made_and_measured(
    likeness: CommandLine, folder: Path, method: str, products: int
) -> None:
    words = ("train", folder / "catalogue.csv", "--head", method, "--model", "classic")
    found = json.loads(likeness(*words, "--dimension", "24", "--json").stdout)

    assert (found["dimension"], found["published_as"]) == (24, f"classic-{method}")
    assert found["r_at_1"]["with the head"]["mean"] - found["r_at_1"]["as it is"]["mean"] == (
        pytest.approx(found["gain"]["mean"], abs=1e-6)
    )
    with Home(EngineSettings(home=folder / "home")) as home:
        card = home.store.card(f"classic-{method}")
        vectors, plain = (
            home.store.load(name).embed([drawn(1), drawn(2)]) for name in (card.name, "classic")
        )
        head = LinearMap.read(
            home.root / "models" / card.name / "head.npz", taken=plain.shape[1], given=24
        )
    assert card.head is not None
    assert card.head.learnt is not None
    assert (card.head.learnt.method, card.head.learnt.products) == (method, products)
    assert np.allclose(vectors, head(plain), atol=1e-5)


def test_what_matched_pictures_share_finds_more_than_components(
    likeness: CommandLine, folder: Path
) -> None:
    """Backgrounds vary most, and say nothing."""
    words = ("train", folder / "catalogue.csv", "--model", "classic", "--dimension", "12")

    def found(method: str) -> float:
        told = ("--head", method, "--out", folder / method, "--json")
        mean: float = json.loads(likeness(*words, *told).stdout)["r_at_1"]["with the head"]["mean"]
        return mean

    assert found("discriminative") > found("pca") + 0.1


def test_it_says_what_it_cannot_do(likeness: CommandLine, folder: Path) -> None:
    words = ("train", folder / "catalogue.csv", "--model", "classic", "--head", "pca")
    said = likeness(*words, "--out", folder / "said").stdout
    assert "Only pictures of the catalogue asked" in said
    assert f"likeness models add {folder / 'said'} --as classic-pca" in said
    long = (*words, "--as", "long", "--dimension", "640")
    assert "have 640 numbers" in likeness(*long, code=2).stderr
    assert "option of --head linear" in likeness(*words, "--with", "shades", code=2).stderr


def test_pairs_are_of_one_class_and_few_of_a_large_one() -> None:
    classes = np.repeat([-1, 0, 1, 2], [5, 1, 3, 200])
    pairs = matched_pairs(classes)
    assert (classes[pairs[:, 0]] == classes[pairs[:, 1]]).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert np.bincount(classes[pairs[:, 0]]).tolist() == [0, 6, 60]
