"""Two tiny teachers, and a catalogue to be taught on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.embedding.tiny_model import tiny_weights, write_tiny_model
from tests.training.making import write_catalogue
from training.distillation.settings import DistillationSettings

TEACHERS = ("near", "far")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home")) as home:
        for seed, name in enumerate(TEACHERS):
            write_tiny_model(tmp_path / name, weights=tiny_weights(seed), name=name)
            home.store.install(tmp_path / name)
        yield home


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    write_catalogue(tmp_path / "shop", products=24)
    path = tmp_path / "student.yaml"
    path.write_text(
        """
sources:
  - {catalogue: shop/catalogue.csv, licence: mine, alike: product_id, together: style}
network: {backbone: test_efficientnet, random_weights: true, backbone_statistics: learnt}
teaching: {models: [near, far], dimension: 6}
views: {cuts: 1, side: 64}
phases: [{side: 32, share: 0.5}, {side: 64, share: 0.5}]
optimiser: {lr: 3.0e-3, averaging: 0.8}
licence: mine
batch: 16
epochs: 3
threads: 1
"""
    )
    return path


@pytest.fixture
def settings(settings_file: Path) -> DistillationSettings:
    return DistillationSettings.read(settings_file)
