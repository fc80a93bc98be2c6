"""The network as ONNX, run by the product's runtime, agrees with torch."""

from pathlib import Path

import numpy as np
import openvino as ov
import torch

from embedding.onnx_model import write_onnx
from training.networks.building import build_network
from training.networks.settings import NetworkSettings


def test_agrees_with_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    settings = NetworkSettings(
        backbone="test_resnet",
        random_weights=True,
        input_size=64,
        form="multi-scale",
        pooling="gem",
        dimension=16,
        batch_norm=True,
    )
    network = build_network(settings, classes=5).eval()
    assert write_onnx(network, 64, tmp_path) == 16
    compiled = ov.compile_model(tmp_path / "model.onnx", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    pixels = torch.randn(3, 3, 64, 64)
    stored = compiled(pixels.numpy())[0]
    with torch.inference_mode():
        expected = network(pixels).numpy()
    assert len(compiled.outputs) == 1  # and no logits
    assert np.abs(stored - expected).max() < 1e-4
