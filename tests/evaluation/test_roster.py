"""Contenders by name: baselines, models, and variants of models."""

from pathlib import Path

import pytest

from embedding.errors import ModelUnknown
from embedding.images import DecodeLimits
from embedding.store import ModelStore
from evaluation.baselines.naming import BASELINES
from evaluation.errors import ContenderUnknown
from evaluation.roster import contenders


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)


def test_every_kind_in_the_order_asked_each_once(store: ModelStore) -> None:
    names = ["classic:l0.5", *BASELINES, "classic", "classic:pca16", "classic:bits8"]

    found = contenders([*names, "classic"], store=store, limits=DecodeLimits())

    assert [each.name for each in found] == names


@pytest.mark.parametrize("name", ["classic:", "classic:pca0", "classic:bits9", "classic:l0"])
def test_a_variant_that_there_is_not_is_refused(name: str, store: ModelStore) -> None:
    with pytest.raises(ContenderUnknown, match=f"^{name}: "):
        contenders([name], store=store, limits=DecodeLimits())


def test_a_variant_of_no_model_is_refused(store: ModelStore) -> None:
    with pytest.raises(ModelUnknown):
        contenders(["nobody:l0.5"], store=store, limits=DecodeLimits())
