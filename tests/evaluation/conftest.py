from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.evaluation.command_line import CommandLine, command_line


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home")) as opened:
        opened.ensure_collection("default")
        yield opened


@pytest.fixture(scope="module")
def likeness(folder: Path) -> CommandLine:
    """Of a module that has a `folder` as long as itself."""
    return command_line(folder)
