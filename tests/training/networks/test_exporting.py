"""The network as ONNX, run by the product's runtime, agrees with torch."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
import torch

from training.networks.building import build_network
from training.networks.settings import NetworkSettings


# The exporter warns of its own and Python's future.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
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
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, 64, 64),),
        tmp_path / "model.onnx",
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        verbose=False,
    )
    compiled = ov.compile_model(tmp_path / "model.onnx", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    pixels = torch.randn(3, 3, 64, 64)
    stored = compiled(pixels.numpy())[0]
    with torch.inference_mode():
        expected = network(pixels).numpy()
    assert compiled.outputs[0].get_partial_shape()[1] == 16  # and no logits
    assert len(compiled.outputs) == 1
    assert np.abs(stored - expected).max() < 1e-4
