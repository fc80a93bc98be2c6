"""`likeness train` on drawn pictures, to a collection that is searched with what it made."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedding.linear_head.learnt import HeadLearnt
from embedding.store import ModelStore
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.evaluation.command_line import CommandLine, command_line
from tests.service.running import running
from tests.training.making import write_hard_catalogue

PRODUCTS, VIEWS = 40, 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    write_hard_catalogue(folder, products=PRODUCTS, views=VIEWS)
    return folder


@pytest.fixture(scope="module")
def likeness(folder: Path) -> CommandLine:
    return command_line(folder)


@pytest.fixture(scope="module")
def store(folder: Path) -> ModelStore:
    with Home(EngineSettings(home=folder / "home")) as home:
        return home.store


@pytest.fixture(scope="module")
def trained(likeness: CommandLine, folder: Path) -> str:
    """What is printed when a head is learnt on the collection's own model."""
    likeness("index", folder / "catalogue.csv", "--model", "classic")
    return likeness("train", "--relation", "product_id", "--as", "shop").stdout


def test_it_says_what_was_gained_and_what_to_type_next(trained: str, store: ModelStore) -> None:
    assert "The head gains: +" in trained
    assert "likeness reindex --collection default --model shop" in trained
    assert "Only pictures of the catalogue asked (collection default)." in trained
    assert "--gallery COLUMN=VALUE --model classic --model shop" in trained
    card = store.card("shop")
    assert card.head is not None
    learnt = card.head.learnt
    assert isinstance(learnt, HeadLearnt)
    assert (learnt.method, learnt.products, learnt.pictures) == ("whitening", 40, 240)
    assert learnt.gain_bounds[0] > 0.0
    assert learnt.settings["dimension"] == card.dimension


def test_a_collection_moves_to_it_and_is_searched_and_served(
    likeness: CommandLine, folder: Path, trained: str
) -> None:
    likeness("reindex", "--model", "shop")
    found = likeness("search", folder / "5-1.png", "--json").stdout
    assert json.loads(found)["hits"][0]["product_id"] == "p5"
    refused = likeness("search", folder / "5-1.png", "--weights", "colour=1", code=2)
    assert "has no parts to weigh" in refused.stderr
    with running(folder / "home") as service:
        picture = (folder / "7-2.png").read_bytes()
        reply = service.client.post("/v1/search", files={"image": picture})
        assert reply.json()["hits"][0]["product_id"] == "p7"
        refused_too = service.client.post(
            "/v1/search", files={"image": picture}, params={"weights": "colour=1"}
        )
        assert (refused_too.status_code, "no parts" in refused_too.text) == (422, True)


def test_a_grown_catalogue_is_learnt_from_under_the_same_name_or_the_next(
    likeness: CommandLine, folder: Path, trained: str, store: ModelStore
) -> None:
    """In a module where the collection has moved to the model, which then cannot be replaced."""
    asked = ("train", folder / "catalogue.csv", "--model", "classic", "--relation", "product_id")
    taken = likeness(*asked, "--as", "shop", code=2).stderr
    assert "replace it with --overwrite" in " ".join(taken.split())
    in_use = likeness(*asked, "--as", "shop", "--overwrite", code=2).stderr
    assert "likeness reindex --collection default --model shop-2" in " ".join(in_use.split())

    said = likeness(*asked, "--as", "shop-2").stdout
    assert "likeness reindex --collection default --model shop-2" in said
    first = store.card("shop-2").created_at
    likeness(*asked, "--as", "shop-2", "--overwrite")
    assert store.card("shop-2").created_at > first


def test_queries_that_are_told_apart_choose_and_measure(
    likeness: CommandLine, folder: Path
) -> None:
    """The last two views of a product are its customers' pictures."""
    header, *lines = (folder / "catalogue.csv").read_text().splitlines()
    kinds = ["shop", "shop", "shop", "shop", "customer", "customer"]
    rows = [f"{line},{kinds[number % VIEWS]}" for number, line in enumerate(lines)]
    (folder / "told-apart.csv").write_text("\n".join([f"{header},kind", *rows]))
    asked = ("--queries", "kind=customer", "--gallery", "kind=shop", "--relation", "product_id")
    words = ("train", folder / "told-apart.csv", "--model", "classic", *asked, "--as", "apart")
    found = json.loads(likeness(*words, "--json").stdout)
    assert found["queries"] == {"same product_id": 2 * PRODUCTS}
    assert found["asked_by_all"] == []
    assert "Only pictures of the catalogue" not in likeness(*words, "--overwrite").stdout

    evaluated = ("evaluate", folder / "told-apart.csv", *asked, "--model", "apart")
    source = f"{folder.name}/told-apart.csv"
    assert f"MIND: apart has learnt from {source}. It finds" in likeness(*evaluated).stdout
    compared = json.loads(likeness(*evaluated, "--model", "classic", "--json").stdout)
    assert compared["taught_by"] == {"apart": [source]}


def test_where_nothing_is_gained_nothing_is_made_unless_forced(
    likeness: CommandLine, folder: Path, store: ModelStore
) -> None:
    """Labels dealt to pictures at random."""
    lines = (folder / "catalogue.csv").read_text().splitlines()[1:]
    random = np.random.default_rng(1)
    products = random.permutation([line.split(",")[1] for line in lines])
    mixed = [
        f"{line.split(',')[0]},{product}" for line, product in zip(lines, products, strict=True)
    ]
    (folder / "mixed.csv").write_text("\n".join(["image,product_id", *mixed]))
    asked = ("train", folder / "mixed.csv", "--model", "classic", "--as", "given")
    said = likeness(*asked, code=3).stdout
    assert "Nothing was gained" in said
    assert "No model was made (exit code 3)" in said
    assert "Only pictures of the catalogue asked" in said
    assert "likeness evaluate" not in said
    assert "given" not in [card.name for card in store.cards()]
    both = likeness(*asked, "--out", folder / "made", code=2).stderr
    assert "--as installs the model and --out writes its folder" in both
    said = likeness(*asked[:-2], "--force", "--out", folder / "made", "--json").stdout
    forced = json.loads(said)
    assert (forced["is_gain"], forced["published_as"]) == (False, None)
    assert forced["written_to"] == str(folder / "made")
    assert store.install(folder / "made", name="given").kind == "linear"


def test_a_source_without_what_is_asked_for_is_refused(likeness: CommandLine, folder: Path) -> None:
    asked = ("train", folder / "catalogue.csv", "--model", "classic")
    assert "no column 'size'" in likeness(*asked, "--relation", "size", code=2).stderr
