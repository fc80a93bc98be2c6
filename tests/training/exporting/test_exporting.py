from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `training` is not installed")

from embedding.model_folder import read_card  # noqa: E402
from embedding.network_trained import NetworkTrained  # noqa: E402
from embedding.runtime import OnnxEmbedder  # noqa: E402
from training.data.pixels import Square  # noqa: E402
from training.exporting.exporting import export  # noqa: E402
from training.networks.building import build_network  # noqa: E402
from training.networks.settings import NetworkSettings  # noqa: E402

_TRAINED = NetworkTrained(
    sources=("shop.csv",),
    products=16,
    pictures=64,
    loss="triplet",
    settings_sha256="0" * 64,
    seed=3,
    steps=10,
    minutes=0.5,
    validation_recall=0.5,
    held_out_queries=32,
    recall=0.4,
    recall_bounds=(0.3, 0.5),
    gain=0.1,
    gain_bounds=(-0.1, 0.3),
    trained_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_the_model_answers_as_the_network_did(tmp_path: Path) -> None:
    """The multi-scale form with all that can follow it; test_running has the plain one."""
    settings = NetworkSettings(
        backbone="test_resnet",
        random_weights=True,
        form="multi-scale",
        pooling="gem",
        dimension=24,
        batch_norm=True,
        input_size=64,
    )
    torch.manual_seed(0)
    network = build_network(settings, classes=5)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "of-an-earlier-run").touch()

    export(network, settings, Square(64, "letterbox"), _TRAINED, folder, name="shop-net")

    card = read_card(folder)
    assert sorted(each.name for each in folder.iterdir()) == ["card.json", "model.onnx"]
    assert (card.dimension, card.input_size, card.fit) == (24, 64, "letterbox")
    assert card.trained == _TRAINED
    assert "trained further on pictures of shop.csv" in card.licence
    pixels = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    shown = (
        torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255.0
        - torch.tensor(card.mean).view(1, 3, 1, 1)
    ) / torch.tensor(card.std).view(1, 3, 1, 1)
    with torch.inference_mode():
        expected = network.eval()(shown).numpy()
    found = OnnxEmbedder(folder, card, cache_folder=None).embed_prepared(list(pixels))
    assert (found * expected).sum(axis=1).min() > 0.9999
