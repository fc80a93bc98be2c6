"""A torch network as ONNX: written, run beside torch, and given its card only when both agree.

What the export of backbones and the training of networks end with.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embedding.card import ModelCard, card_json
from embedding.check_pictures import check_pictures
from embedding.errors import ExportMismatch, ModelError
from embedding.model_folder import CARD_FILE, sha256_of
from embedding.runtime import OnnxEmbedder, unit_rows

AGREEMENT = 0.9999
"""Cosine that the stored model must exceed against torch, on every picture of the check."""

# An ONNX file cannot exceed 2 GiB; larger weights go into a file beside it.
_LARGEST_SINGLE_FILE = 1_800_000_000


def write_onnx(network: Any, size: int, folder: Path) -> int:
    """Writes model.onnx of a network that is ready to answer: float32 (batch, 3, size, size),
    normalised, -> float32 (batch, dimension), of any length. Returns the dimension.

    Raises ModelError for a network that takes no such pictures, or gives no vectors.
    """
    example = torch.zeros(2, 3, size, size)
    try:
        with torch.inference_mode():
            features = network(example)
    except (AssertionError, RuntimeError) as error:
        raise ModelError(
            f"The network does not take pictures of {size} x {size} pixels: "
            f"{_first_line(error)}. Try another --size."
        ) from error
    if features.ndim != 2:
        raise ModelError(
            f"The network gives {tuple(features.shape)} for 2 pictures, not one vector each, so "
            f"its features are not pooled. Try --model-arg global_pool=avg."
        )
    weight_bytes = sum(tensor.nbytes for tensor in network.state_dict().values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its own future
        torch.onnx.export(
            network,
            (example,),
            folder / "model.onnx",
            input_names=["pictures"],
            output_names=["features"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            external_data=weight_bytes > _LARGEST_SINGLE_FILE,
            dynamo=True,
            verbose=False,
        )
    return int(features.shape[1])


def onnx_files(folder: Path) -> dict[str, str]:
    """What `write_onnx` wrote: name -> sha-256."""
    return {file.name: sha256_of(file) for file in sorted(folder.glob("model.onnx*"))}


def write_verified_card(draft: ModelCard, network: Any, folder: Path) -> ModelCard:
    """Writes card.json, with how well the stored model agrees with the network.

    Raises ExportMismatch when it does not.
    """
    card = draft.model_copy(update={"verified_cosine": _agreement(network, folder, draft)})
    (folder / CARD_FILE).write_text(card_json(card), encoding="utf-8")
    return card


def _agreement(network: Any, folder: Path, card: ModelCard) -> float:
    """Lowest cosine between the stored model and torch, over drawn pictures and noise.

    Raises ExportMismatch when it is not above AGREEMENT.
    """
    stored = OnnxEmbedder(folder, card, cache_folder=None)
    noise = np.random.default_rng(0).integers(
        0, 256, (2, card.input_size, card.input_size, 3), dtype=np.uint8
    )
    inputs = [*(stored.prepare(picture) for picture in check_pictures()), *noise]
    pixels = torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(value).view(1, 3, 1, 1) for value in (card.mean, card.std))
    with torch.inference_mode():
        features = network((pixels - mean) / std).numpy()
    cosines = (stored.embed_prepared(inputs) * unit_rows(features)).sum(axis=1)
    lowest = float(cosines.min())
    if not lowest > AGREEMENT:
        raise ExportMismatch(
            f"The exported {card.name!r} disagrees with torch: cosine {lowest:.6f} on the worst "
            f"of {len(inputs)} pictures, and {AGREEMENT} is the least. Nothing was installed. "
            f"Try another --size, or another version of torch."
        )
    return min(1.0, lowest)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
