"""Real networks are quantised; the figures on the card are recomputed from the stored files."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedding.calibration import CalibrationPictures
from embedding.card import INT8_FILES, ModelCard
from embedding.errors import ModelBroken
from embedding.images import decode
from embedding.int8_measured import Int8Measured
from embedding.model_folder import check_files, read_card, sha256_of
from embedding.preprocessing import prepare_pixels
from embedding.runtime import OnnxEmbedder, read_network
from embedding.store import ModelStore
from tests.embedding.test_agreement import naive_recall
from tests.embedding.tiny_model import smooth_pictures, write_card, write_tiny_model

pytest.importorskip("nncf", reason="NNCF is in the optional extra `models`")
from embedding import int8
from embedding.fitting import fit_int8
from embedding.float_layers import (
    Layer,
    measure_layers,
    only_quantised,
    to_keep,
    vectors_of,
)
from embedding.int8 import add_int8, shortcomings
from embedding.quantising import quantise, scaled

GOOD: dict[str, Any] = {
    "mean_cosine": 0.99,
    "recall_at_10": 0.97,
    "speed_up": 1.1,
    "calibrated_on": 300,
    "measured_on": 500,
}


@pytest.fixture(scope="module")
def pictures() -> CalibrationPictures:
    inputs = smooth_pictures(90)
    return CalibrationPictures(inputs[:40], inputs[40:])


@pytest.fixture(scope="module")
def forced(tmp_path_factory: pytest.TempPathFactory, pictures: CalibrationPictures) -> Path:
    """A folder with the tiny model in both precisions, int8 serving."""
    folder = tmp_path_factory.mktemp("forced")
    write_tiny_model(folder)
    add_int8(folder, pictures, forced=True)
    return folder


class TestGate:
    def test_lets_pass_what_just_holds(self) -> None:
        assert shortcomings(Int8Measured(**GOOD)) == []

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"mean_cosine": 0.9899}, "mean cosine to fp32 0.9899, below 0.99"),
            ({"recall_at_10": 0.9699}, "recall@10 of the fp32 neighbours 0.9699, below 0.97"),
            ({"speed_up": 1.09}, "speed 1.09 times that of fp32 on this machine, below 1.1"),
        ],
    )
    def test_names_the_figure_that_fails(self, changed: dict[str, float], words: str) -> None:
        assert shortcomings(Int8Measured(**{**GOOD, **changed})) == [words]

    @pytest.mark.parametrize(("least_speed_up", "precision"), [(0.0, "int8"), (1000.0, "fp32")])
    def test_decides_by_the_figures(
        self,
        tmp_path: Path,
        pictures: CalibrationPictures,
        monkeypatch: pytest.MonkeyPatch,
        least_speed_up: float,
        precision: str,
    ) -> None:
        """Both ways with one network: only what is asked of it differs."""
        monkeypatch.setattr(int8, "LEAST_SPEED_UP", least_speed_up)
        monkeypatch.setattr(int8, "LEAST_RECALL", 0.5)
        monkeypatch.setattr(int8, "LEAST_COSINE", 0.5)
        before = write_tiny_model(tmp_path)
        card = add_int8(tmp_path, pictures)
        assert card.precision == precision
        assert card.int8 is not None
        assert read_card(tmp_path) == card
        assert all((tmp_path / name).exists() == (precision == "int8") for name in INT8_FILES)
        assert (card.fingerprint == before.fingerprint) == (precision == "fp32")
        if precision == "fp32":
            assert f"speed {card.int8.speed_up:.2f} times that" in card.precision_reason


class TestFitting:
    def test_keeps_layers_in_floating_point_until_the_neighbours_agree(
        self, tmp_path: Path, pictures: CalibrationPictures
    ) -> None:
        card = write_tiny_model(tmp_path)
        fp32 = read_network(tmp_path / "model.onnx", card)
        inputs = [scaled(pixels, card) for pixels in pictures.calibrating]
        reference = vectors_of(fp32, inputs)
        unfitted = fit_int8(fp32, inputs, least=None)
        assert unfitted.float_layers == ()
        assert naive_recall(reference, vectors_of(unfitted.network, inputs), 10) < 1.0
        fitted = fit_int8(fp32, inputs, least=1.0)
        assert fitted.float_layers
        assert naive_recall(reference, vectors_of(fitted.network, inputs), 10) == 1.0


class TestForced:
    def test_serves_and_says_why(self, forced: Path) -> None:
        card = read_card(forced)
        assert card.precision == "int8"
        assert card.int8 is not None
        assert card.int8.forced
        assert (card.int8.calibrated_on, card.int8.measured_on) == (40, 50)
        assert sorted(card.files) == sorted(["model.onnx", *INT8_FILES])
        check_files(forced, card)

    def test_figures_are_those_of_the_stored_files(
        self, forced: Path, pictures: CalibrationPictures
    ) -> None:
        card = read_card(forced)
        assert card.int8 is not None
        fp32, served = (
            OnnxEmbedder(forced, each, cache_folder=None).embed_prepared(pictures.measuring)
            for each in (card.as_fp32(), card)
        )
        assert not np.array_equal(fp32, served)
        assert card.int8.mean_cosine == pytest.approx((fp32 * served).sum(axis=1).mean(), abs=1e-6)
        assert card.int8.recall_at_10 == pytest.approx(naive_recall(fp32, served, 10))

    def test_made_again_of_the_same_it_is_the_same(
        self, tmp_path: Path, forced: Path, pictures: CalibrationPictures
    ) -> None:
        """OpenVINO numbers what has no name through the life of a process."""
        write_tiny_model(tmp_path)
        again = add_int8(tmp_path, pictures, forced=True)
        assert again.fingerprint == read_card(forced).fingerprint

    def test_fingerprint_is_that_of_the_served_files(self, forced: Path) -> None:
        card = read_card(forced)

        def with_digest(name: str) -> ModelCard:
            return card.model_copy(update={"files": {**card.files, name: "0" * 64}})

        assert with_digest("model.onnx").fingerprint == card.fingerprint
        for name in INT8_FILES:
            assert with_digest(name).fingerprint != card.fingerprint


class TestEmbedding:
    def test_equals_itself_over_batches_threads_and_hints(
        self, forced: Path, pictures: CalibrationPictures
    ) -> None:
        card = read_card(forced)
        inputs = pictures.measuring[:12]
        one = OnnxEmbedder(forced, card, cache_folder=None, threads=1)
        many = OnnxEmbedder(forced, card, cache_folder=None, threads=2, hint="throughput")
        alone = np.concatenate([one.embed_prepared([pixels]) for pixels in inputs])
        np.testing.assert_array_equal(many.embed_prepared(inputs), alone)
        with ThreadPoolExecutor(4) as threads:
            at_once = list(threads.map(many.embed_prepared, [inputs] * 20))
        for together in at_once:
            np.testing.assert_array_equal(together, alone)


class TestInTheStore:
    def test_both_networks_are_kept_checked_and_taken_out_again(
        self, forced: Path, tmp_path: Path, pictures: CalibrationPictures
    ) -> None:
        store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache")
        card = store.install(forced)
        again = store.load("tiny").embed_prepared(pictures.measuring)
        expected = OnnxEmbedder(forced, card, cache_folder=None).embed_prepared(pictures.measuring)
        np.testing.assert_array_equal(again, expected)
        (tmp_path / "fp32").mkdir()
        fp32 = store.copy_fp32("tiny", tmp_path / "fp32")
        assert read_card(tmp_path / "fp32") == fp32
        assert (fp32.precision, list(fp32.files)) == ("fp32", ["model.onnx"])

    def test_a_damaged_source_is_told_when_it_is_needed_and_serves_meanwhile(
        self, forced: Path, tmp_path: Path
    ) -> None:
        store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache")
        card = store.install(forced)
        (tmp_path / "models" / "tiny" / "model.onnx").write_bytes(b"something else")
        assert store.load("tiny").card == card
        (tmp_path / "fp32").mkdir()
        with pytest.raises(ModelBroken, match=r"model\.onnx is damaged"):
            store.copy_fp32("tiny", tmp_path / "fp32")

    @pytest.mark.parametrize("name", INT8_FILES)
    def test_a_lost_or_damaged_file_is_named_and_replaces_nothing(
        self, forced: Path, tmp_path: Path, name: str
    ) -> None:
        store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache")
        write_tiny_model(tmp_path / "built")
        before = store.install(tmp_path / "built")
        broken = tmp_path / "broken"
        broken.mkdir()
        for file in forced.iterdir():
            os.link(file, broken / file.name)
        (broken / name).unlink()
        with pytest.raises(ModelBroken, match=f"{name} is missing"):
            store.install(broken, overwrite=True)
        (broken / name).write_bytes(b"something else")
        with pytest.raises(ModelBroken, match=f"{name} is damaged"):
            store.install(broken, overwrite=True)
        assert store.card("tiny") == before
        assert [entry.name for entry in (tmp_path / "models").iterdir()] == ["tiny"]


class TestFloatLayers:
    def test_with_none_quantised_the_network_is_fp32_again(
        self, tmp_path: Path, pictures: CalibrationPictures
    ) -> None:
        card = write_tiny_model(tmp_path)
        fp32 = read_network(tmp_path / "model.onnx", card)
        inputs = [scaled(pixels, card) for pixels in pictures.calibrating]
        network = quantise(fp32, inputs)
        expected = vectors_of(fp32, inputs)
        assert not np.array_equal(vectors_of(network, inputs), expected)
        np.testing.assert_allclose(
            vectors_of(only_quantised(network, fp32, ()), inputs), expected, atol=1e-5
        )
        layers = measure_layers(fp32, network, inputs)
        convolution = next(layer for layer in layers if layer.multiplications > 1000)
        # 8 filters of 3 x 4 x 4 weights at 8 x 8 places.
        assert convolution.multiplications == 8 * 48 * 64
        assert convolution.error > 0
        exempt = quantise(fp32, inputs, float_layers=[layer.name for layer in layers])
        np.testing.assert_allclose(vectors_of(exempt, inputs), expected, atol=1e-5)

    @pytest.mark.parametrize(
        ("error_left", "kept"),
        [
            (2.0, []),
            (1.0, ["d"]),
            (0.75, ["a", "b"]),
            (0.5, ["a", "d"]),
            (0.25, ["a", "b", "d"]),
            (0.1, ["a", "b", "c", "d"]),
        ],
    )
    def test_are_those_around_the_run_with_the_most_work(
        self, error_left: float, kept: list[str]
    ) -> None:
        layers = [
            *(Layer("a", 0.5, 50), Layer("b", 0.25, 10)),
            *(Layer("c", 0.25, 60), Layer("d", 0.5, 15)),
        ]
        assert to_keep(layers, error_left) == kept


class TestWithRealWeights:
    def test_vectors_on_photographs_are_close_to_fp32(
        self, tmp_path: Path, shared_weights: Path, shared_photos: Path
    ) -> None:
        network = shared_weights / "mobilenet_edgetpu_100_features_224.onnx"
        (tmp_path / "model.onnx").write_bytes(network.read_bytes())
        card = write_card(
            tmp_path,
            {"model.onnx": sha256_of(network)},
            dimension=1280,
            input_size=224,
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
        )
        files = sorted((shared_photos / "luma").rglob("*.jpg"))[:50]
        inputs = [
            prepare_pixels(decode(file.read_bytes(), target_side=224).image, card) for file in files
        ]
        found = add_int8(tmp_path, CalibrationPictures(inputs[:20], inputs[20:]), forced=True)
        assert found.int8 is not None
        assert 0.97 < found.int8.mean_cosine < 1.0
        assert 0.8 < found.int8.recall_at_10 < 1.0
