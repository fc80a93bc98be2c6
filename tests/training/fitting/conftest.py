"""A tiny network, and a catalogue on which it can learn within seconds."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.training.fitting.making import INPUT_SIZE
from tests.training.making import write_hard_catalogue
from training.data.material import Material, gather, open_sources
from training.data.settings import DataSettings


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("fitting")
    path = write_hard_catalogue(folder / "shop", products=32)
    with Home(EngineSettings(home=folder / "home")) as home:
        return gather(
            home,
            open_sources(home, [path], None),
            DataSettings(validation=0.25, held_out=0.25),
            input_size=INPUT_SIZE,
            seed=0,
            watch=Unwatched(),
        )


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder
