"""Preparing pictures for a model that is still being loaded."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedding.embedder import Embedder
from embedding.errors import ModelBroken
from embedding.loading import LoadingEmbedder
from embedding.runtime import OnnxEmbedder
from tests.embedding.tiny_model import write_tiny_model
from tests.pictures import drawn


def tiny(folder: Path, **card: Any) -> OnnxEmbedder:
    return OnnxEmbedder(folder, write_tiny_model(folder, **card), cache_folder=None, threads=1)


class TestLoadingEmbedder:
    def test_prepares_before_it_is_loaded_and_embeds_after(self, tmp_path: Path) -> None:
        loaded = tiny(tmp_path)
        may_load = threading.Event()

        def load() -> Embedder:
            assert may_load.wait(timeout=30)
            return loaded

        embedder = LoadingEmbedder(loaded.card, load)
        pictures = [drawn(number) for number in range(3)]
        inputs = [embedder.prepare(picture) for picture in pictures]
        may_load.set()

        assert embedder.card == loaded.card
        assert embedder.target_side == loaded.target_side
        for one, other in zip(inputs, map(loaded.prepare, pictures), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(embedder.embed_prepared(inputs), loaded.embed(pictures))

    def test_says_what_is_wrong_with_a_broken_model(self, tmp_path: Path) -> None:
        loaded = tiny(tmp_path)

        def load() -> Embedder:
            raise ModelBroken("its weights are gone")

        embedder = LoadingEmbedder(loaded.card, load)
        with pytest.raises(ModelBroken, match="weights are gone"):
            embedder.embed([drawn(1)])

    def test_refuses_another_model_of_its_name(self, tmp_path: Path) -> None:
        card = write_tiny_model(tmp_path / "first")
        other = tiny(tmp_path / "second", fit="crop")

        with pytest.raises(ModelBroken, match="was replaced"):
            LoadingEmbedder(card, lambda: other).embed([drawn(1)])
