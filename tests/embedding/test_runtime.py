import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from embedding.embedder import Hint
from embedding.errors import ModelBroken
from embedding.runtime import OnnxEmbedder, unit_rows
from tests.embedding.tiny_model import (
    DIMENSION,
    SIZE,
    features_of,
    tiny_weights,
    write_tiny_model,
)


def noise(count: int, seed: int = 1) -> list[NDArray[np.uint8]]:
    shape = (count, SIZE, SIZE, 3)
    return list(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def tiny_embedder(folder: Path, hint: Hint = "latency", **card: Any) -> OnnxEmbedder:
    made = write_tiny_model(folder, **card)
    return OnnxEmbedder(folder, made, cache_folder=None, threads=2, hint=hint)


class TestEmbed:
    @pytest.mark.parametrize("hint", ["latency", "throughput"])
    def test_agrees_with_a_naive_recomputation(self, tmp_path: Path, hint: Hint) -> None:
        inputs = noise(5)
        expected = np.stack([features_of(pixels, tiny_weights()) for pixels in inputs])
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(
            tiny_embedder(tmp_path, hint).embed_prepared(inputs), expected, atol=2e-5
        )

    def test_gives_unit_rows_of_float32_in_order(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path)
        inputs = noise(7)
        together = embedder.embed_prepared(inputs)
        assert together.shape == (7, DIMENSION)
        assert together.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
        alone = np.concatenate([embedder.embed_prepared([pixels]) for pixels in inputs])
        np.testing.assert_array_equal(together, alone)

    def test_of_pictures_is_prepare_then_embed(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path)
        pictures = [Image.new("RGB", (50, 90), colour) for colour in ("red", "teal")]
        np.testing.assert_array_equal(
            embedder.embed(pictures),
            embedder.embed_prepared([embedder.prepare(picture) for picture in pictures]),
        )

    def test_takes_a_picture_that_is_a_view_into_another_array(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path)
        pixels = noise(1)[0]
        np.testing.assert_array_equal(
            embedder.embed_prepared([pixels[:, ::-1]]),
            embedder.embed_prepared([pixels[:, ::-1].copy()]),
        )

    def test_other_work_is_done_once_meanwhile(self, tmp_path: Path) -> None:
        embedder, inputs, called = tiny_embedder(tmp_path), noise(5), []
        vectors = embedder.embed_prepared(inputs, lambda: called.append(len(called)))
        assert called == [0]
        np.testing.assert_array_equal(vectors, embedder.embed_prepared(inputs))

    def test_what_other_work_raises_leaves_the_model_usable(self, tmp_path: Path) -> None:
        embedder, inputs = tiny_embedder(tmp_path), noise(5)

        def fail() -> None:
            raise OSError("the disk")

        for _ in range(3):
            with pytest.raises(OSError, match="the disk"):
                embedder.embed_prepared(inputs, fail)
        assert embedder.embed_prepared(inputs).shape == (5, DIMENSION)

    def test_refuses_nothing_and_foreign_inputs(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path)
        with pytest.raises(ValueError, match="empty"):
            embedder.embed_prepared([])
        with pytest.raises(ValueError, match="input 1 was not prepared"):
            embedder.embed_prepared([noise(1)[0], np.zeros((16, 16, 3), np.uint8)])
        with pytest.raises(ValueError, match="input 0 was not prepared"):
            embedder.embed_prepared([noise(1)[0].astype(np.float32)])
        assert embedder.embed_prepared(noise(1)).shape == (1, DIMENSION)  # still of use


class TestThreads:
    @pytest.mark.parametrize("hint", ["latency", "throughput"])
    def test_four_at_once_get_what_one_alone_gets(self, tmp_path: Path, hint: Hint) -> None:
        embedder = tiny_embedder(tmp_path, hint)
        batches = [noise(9, seed) for seed in range(40)]
        alone = [embedder.embed_prepared(batch) for batch in batches]
        with ThreadPoolExecutor(4) as threads:
            at_once = list(threads.map(embedder.embed_prepared, batches))
        np.testing.assert_array_equal(np.stack(at_once), np.stack(alone))


class TestFeaturelessPictures:
    def test_become_one_constant_unit_vector(self) -> None:
        features = np.array([[0, 0, 0, 0], [3, 0, 4, 0]], np.float32)
        np.testing.assert_allclose(unit_rows(features), [[0.5] * 4, [0.6, 0, 0.8, 0]], atol=1e-7)

    def test_of_a_dead_network(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path, weights=np.zeros_like(tiny_weights()))
        np.testing.assert_allclose(
            embedder.embed_prepared(noise(2)), 1 / np.sqrt(DIMENSION), atol=1e-7
        )

    def test_values_that_are_not_numbers_are_an_error(self, tmp_path: Path) -> None:
        overflowing = np.full_like(tiny_weights(), 1e38)
        embedder = tiny_embedder(tmp_path, weights=overflowing)
        with pytest.raises(ModelBroken, match="not numbers"):
            embedder.embed([Image.new("RGB", (SIZE, SIZE), "white")])


class TestOpening:
    def test_refuses_a_file_that_is_no_network(self, tmp_path: Path) -> None:
        card = write_tiny_model(tmp_path)
        (tmp_path / "model.onnx").write_bytes(b"not a network at all")
        with pytest.raises(ModelBroken, match="add it again"):
            OnnxEmbedder(tmp_path, card, cache_folder=None)

    def test_refuses_a_network_of_another_dimension(self, tmp_path: Path) -> None:
        with pytest.raises(ModelBroken, match=r"gives \['\[1,8\]'\].*Correct dimension"):
            tiny_embedder(tmp_path, dimension=9)

    def test_refuses_pictures_of_another_size_than_the_network_takes(self, tmp_path: Path) -> None:
        embedder = tiny_embedder(tmp_path, input_size=64)
        assert embedder.prepare(Image.new("RGB", (9, 9))).shape == (64, 64, 3)
        assert embedder.target_side == 64
        with pytest.raises(ValueError, match="not prepared"):
            embedder.embed_prepared(noise(1))

    def test_survives_a_damaged_cache(self, tmp_path: Path) -> None:
        card = write_tiny_model(tmp_path / "model")
        cache = tmp_path / "cache"
        first = OnnxEmbedder(tmp_path / "model", card, cache_folder=cache)
        blobs = list(cache.glob("*.blob"))
        assert blobs
        for blob in blobs:
            blob.chmod(0o644)
            blob.write_bytes(blob.read_bytes()[: blob.stat().st_size // 2])
        second = OnnxEmbedder(tmp_path / "model", card, cache_folder=cache)
        np.testing.assert_array_equal(
            first.embed_prepared(noise(2)), second.embed_prepared(noise(2))
        )

    def test_works_where_the_cache_cannot_be_written(self, tmp_path: Path) -> None:
        card = write_tiny_model(tmp_path / "model")
        (tmp_path / "file").write_text("not a folder")
        embedder = OnnxEmbedder(tmp_path / "model", card, cache_folder=tmp_path / "file" / "cache")
        assert embedder.embed_prepared(noise(1)).shape == (1, DIMENSION)


class TestImports:
    def test_using_a_model_never_imports_torch_and_classic_never_openvino(
        self, tmp_path: Path
    ) -> None:
        write_tiny_model(tmp_path / "models" / "tiny")
        program = """
import sys
from pathlib import Path
from PIL import Image
import embedding.backbones, embedding.command
from embedding.store import ModelStore
store = ModelStore(Path(sys.argv[1], "models"), cache_folder=Path(sys.argv[1], "cache"))
store.load("classic").embed([Image.new("RGB", (64, 64), "red")])
assert "openvino" not in sys.modules
store.load("tiny").embed([Image.new("RGB", (64, 64), "red")])
heavy = {"torch", "timm", "torchvision", "onnx", "huggingface_hub"} & set(sys.modules)
assert not heavy, heavy
"""
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
