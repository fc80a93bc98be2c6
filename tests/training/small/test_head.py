from pathlib import Path

import numpy as np
import pytest

from embedding.check_pictures import check_pictures
from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.embedding.tiny_model import write_tiny_model
from tests.training.making import write_catalogue
from training.linear.results import BASE, HEAD
from training.small import head
from training.small.head import make_head


@pytest.fixture
def catalogues(tmp_path: Path) -> list[Path]:
    """One as luma is told, one as grocery is."""
    luma = write_catalogue(tmp_path / "a", products=48)
    grocery = write_catalogue(tmp_path / "b", products=30, size=(80, 80))
    return [
        luma.rename(luma.with_name("luma.csv")),
        grocery.rename(grocery.with_name("grocery.csv")),
    ]


def test_is_learnt_from_what_each_source_calls_alike(
    tmp_path: Path, catalogues: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = head.RECIPE.__class__((0.6, 0.2, 0.2), "", 0.15, 40)
    monkeypatch.setattr(head, "RECIPE", recipe)
    with Home(EngineSettings(home=tmp_path / "home")) as home:
        write_tiny_model(tmp_path / "tiny", name="net")
        home.store.install(tmp_path / "tiny")

        card, found = make_head(home, "net", "made", catalogues, Unwatched())

        vectors = home.store.load("made").embed(check_pictures())
    assert vectors.shape == (len(check_pictures()), card.dimension) == (len(vectors), 40)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert card.head is not None
    assert card.head.base.weights == {"net": 0.6, "shades": 0.2, "texture": 0.2}
    told = card.head.learnt
    assert told is not None
    assert told.sources == ("a/luma.csv", "b/grocery.csv")
    # luma's styles, of two products each, and grocery's products
    assert told.products == 24 + 30
    assert set(found.queries) == {
        "luma: same style",
        "luma: same product_id",
        "grocery: same product_id",
    }
    assert found.mean[HEAD].mean > found.mean[BASE].mean
