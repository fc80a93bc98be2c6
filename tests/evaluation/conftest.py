from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.home import Home
from retrieval.settings import EngineSettings


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home")) as opened:
        opened.ensure_collection("default")
        yield opened
