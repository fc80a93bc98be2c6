"""Which weights a training begins with."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from embedding.export import origin_of
from embedding.store import ModelStore
from tests.embedding.tiny_model import write_tiny_model
from tests.training.fitting.making import tiny_settings
from training.fitting.starting import other_of_that_name
from training.networks.building import export_options


def test_an_installed_model_of_the_backbones_name_with_other_weights_is_told_of(
    tmp_path: Path,
) -> None:
    settings = tiny_settings().network
    store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)
    assert other_of_that_name(store, settings) is None

    write_tiny_model(tmp_path / "made", name=settings.backbone, source="the shop's own")
    store.install(tmp_path / "made")
    told = other_of_that_name(store, settings) or ""
    assert "with timm" in told
    assert "not with the model installed as 'test_efficientnet' (the shop's own)" in told

    origin, _ = origin_of(settings.backbone, export_options(settings))
    write_tiny_model(tmp_path / "same", name=settings.backbone, source=origin)
    store.install(tmp_path / "same", overwrite=True)
    assert other_of_that_name(store, settings) is None
