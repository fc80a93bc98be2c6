"""A real but tiny network as an ONNX file, written by hand so that no test needs torch or onnx.

It is one convolution of 4 x 4 patches, ReLU, mean over the picture: 8 features that `features_of`
recomputes with nothing but numpy.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard, card_json

SIZE, PATCH, DIMENSION = 32, 4, 8
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


def write_tiny_model(
    folder: Path, *, weights: NDArray[np.float32] | None = None, **card: Any
) -> ModelCard:
    """Writes model.onnx and card.json into `folder`; returns the card. Keywords change the card."""
    folder.mkdir(parents=True, exist_ok=True)
    content = tiny_onnx(tiny_weights() if weights is None else weights)
    (folder / "model.onnx").write_bytes(content)
    return write_card(folder, {"model.onnx": hashlib.sha256(content).hexdigest()}, **card)


def write_card(folder: Path, files: dict[str, str], **card: Any) -> ModelCard:
    """Writes the card.json of a model with these files; keywords change it."""
    fields: dict[str, Any] = {
        "name": "tiny",
        "kind": "onnx",
        "licence": "Apache-2.0",
        "source": "made for a test",
        "created_at": datetime(2025, 1, 1, tzinfo=UTC),
        "dimension": DIMENSION,
        "input_size": SIZE,
        "fit": "stretch",
        "mean": MEAN,
        "std": STD,
        "files": files,
    }
    made = ModelCard(**{**fields, **card})
    (folder / "card.json").write_text(card_json(made))
    return made


def smooth_pictures(
    count: int, *, brightness: int = 255, shape: tuple[int, int] = (SIZE, SIZE)
) -> list[NDArray[np.uint8]]:
    """`count` different pictures, smooth like photographs: uint8 (height, width, 3)."""
    random = np.random.default_rng(brightness)
    coarse = random.integers(0, brightness, (count, 4, 4, 3), endpoint=True, dtype=np.uint8)
    size = (shape[1], shape[0])
    return [
        np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BILINEAR)) for each in coarse
    ]


def write_pictures(folder: Path, count: int, *, brightness: int = 255) -> None:
    """Writes `count` smooth pictures as small PNG files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, pixels in enumerate(smooth_pictures(count, brightness=brightness, shape=(40, 48))):
        Image.fromarray(pixels).save(folder / f"{number}.png", compress_level=1)


def tiny_weights(seed: int = 0) -> NDArray[np.float32]:
    """Of the convolution: (DIMENSION, 3, PATCH, PATCH)."""
    shape = (DIMENSION, 3, PATCH, PATCH)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def features_of(pixels: NDArray[np.uint8], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network answers for uint8 (SIZE, SIZE, 3), not normalised, patch by patch."""
    scaled = (pixels / 255 - np.array(MEAN)) / np.array(STD)
    answers = [
        np.maximum(
            (weights * scaled[y : y + PATCH, x : x + PATCH].transpose(2, 0, 1)).sum((1, 2, 3)), 0
        )
        for y in range(0, SIZE, PATCH)
        for x in range(0, SIZE, PATCH)
    ]
    mean: NDArray[np.float32] = np.mean(answers, axis=0).astype(np.float32)
    return mean


def tiny_onnx(weights: NDArray[np.float32]) -> bytes:
    """The ONNX file of the network: (batch, 3, height, width) -> (batch, DIMENSION)."""
    patch = _string(1, "strides") + _number(8, PATCH) + _number(8, PATCH) + _number(20, 7)
    graph = (
        _node("Conv", ["pictures", "weights"], "patches", patch)
        + _node("Relu", ["patches"], "positive")
        + _node("GlobalAveragePool", ["positive"], "pooled")
        + _node("Flatten", ["pooled"], "features")
        + _string(2, "tiny")
        + _bytes(5, _tensor("weights", weights))
        + _bytes(11, _value("pictures", ["batch", 3, "height", "width"]))
        + _bytes(12, _value("features", ["batch", DIMENSION]))
    )
    opset = _string(1, "") + _number(2, 13)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, opset)


def _node(operation: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    fields = b"".join(_string(1, name) for name in inputs) + _string(2, output)
    fields += _string(4, operation) + (_bytes(5, attribute) if attribute else b"")
    return _bytes(1, fields)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    return dims + _number(2, 1) + _string(8, name) + _bytes(9, values.tobytes())


def _value(name: str, shape: list[int | str]) -> bytes:
    dims = b"".join(
        _bytes(1, _number(1, size) if isinstance(size, int) else _string(2, size)) for size in shape
    )
    tensor = _number(1, 1) + _bytes(2, dims)
    return _string(1, name) + _bytes(2, _bytes(1, tensor))


# The wire format of protocol buffers: a key of field number and kind, then the value.


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _string(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
