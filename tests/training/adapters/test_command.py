"""`likeness train --head oasis`: judgements in two deliveries, to a model that is installed."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedding.store import ModelStore
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.evaluation.command_line import CommandLine, command_line
from tests.training.making import write_hard_catalogue

PRODUCTS, VIEWS = 30, 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    write_hard_catalogue(folder, products=PRODUCTS, views=VIEWS)
    return folder


@pytest.fixture(scope="module")
def likeness(folder: Path) -> CommandLine:
    return command_line(folder)


def write_judgements(file: Path, count: int) -> None:
    """By somebody who looks at nothing but how red the background is; each delivery begins with
    the one before it."""

    def red(picture: int) -> int:
        return int(np.random.default_rng([*divmod(picture, VIEWS)]).integers(0, 256, 3)[0])

    random = np.random.default_rng(0)
    lines = ["query,closer,farther"]
    for _ in range(count):
        query, *others = random.choice(PRODUCTS * VIEWS, 3, replace=False).tolist()
        nearest = sorted(others, key=lambda each: abs(red(each) - red(query)))
        named = ("{}-{}.png".format(*divmod(each, VIEWS)) for each in (query, *nearest))
        lines.append(",".join(named))
    file.write_text("\n".join(lines))


def test_judgements_teach_and_later_ones_go_on_from_there(
    likeness: CommandLine, folder: Path
) -> None:
    file = folder / "judged.csv"
    asked = ("train", "--head", "oasis", "--model", "classic", "--judgements", file)
    write_judgements(file, 30)
    assert "They are kept: give more" in likeness(*asked, code=2).stderr.replace("\n", " ")
    write_judgements(file, 2500)
    first = json.loads(likeness(*asked, "--json").stdout)
    assert 2460 <= first["new"] <= 2470  # 30 are known; a few are drawn twice
    assert first["is_gain"]
    assert first["published_as"] == "classic-oasis"
    write_judgements(file, 3000)
    said = likeness(*asked, "--as", "later").stdout
    assert "likeness index SOURCE --model later" in said
    with Home(EngineSettings(home=folder / "home")) as home:
        card, later = (home.store.card(each) for each in ("classic-oasis", "later"))
        assert _judgements(home.store, "classic-oasis") == first["taught"]
        assert _judgements(home.store, "later") > first["taught"]
    assert card.fingerprint != later.fingerprint
    # Nothing new: the same head again, in the place of the one that was there.
    repeated = json.loads(likeness(*asked, "--json").stdout)
    assert repeated["new"] == 0
    there = likeness(*asked, "--out", folder, code=2).stderr.replace("\n", " ")
    assert "is not an empty folder" in there
    with Home(EngineSettings(home=folder / "home")) as home:
        assert home.store.card("classic-oasis").fingerprint == later.fingerprint


def test_options_of_other_heads_are_refused(likeness: CommandLine, folder: Path) -> None:
    words = ("train", folder / "catalogue.csv", "--head", "oasis")
    refused = likeness(*words, "--judgements", "clicks.csv", code=2).stderr
    assert "SOURCE is an option of --head linear" in refused
    seeded = likeness("train", folder / "catalogue.csv", "--seed", "0", code=2).stderr
    assert "--seed is an option of a network" in seeded
    assert "give --judgements FILE" in likeness(*words, code=2).stderr


def _judgements(store: ModelStore, name: str) -> int:
    head = store.card(name).head
    assert head is not None
    assert head.learnt is not None
    return head.learnt.judgements
