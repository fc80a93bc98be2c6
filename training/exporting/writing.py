"""A network's weights as model.onnx and card.json."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from embedding.card import ModelCard
from embedding.onnx_model import onnx_files, write_onnx, write_verified_card
from training.data.pixels import Square
from training.networks.embedding_network import EmbeddingNetwork


def write_model(
    network: EmbeddingNetwork, square: Square, folder: Path, told: Mapping[str, object]
) -> ModelCard:
    """Writes the model into `folder`, in place of what an earlier run left there; it appears whole
    or not at all. `told`: what of the card the network does not know: name, description, licence,
    source, and how it was made. The network is moved to the processor. Raises ModelError,
    ExportMismatch.
    """
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    network.cpu().eval()
    dimension = write_onnx(network, square.input_size, aside)
    draft = ModelCard.model_validate(
        {
            **told,
            "kind": "onnx",
            "created_at": datetime.now(UTC).replace(microsecond=0),
            "dimension": dimension,
            "input_size": square.input_size,
            "fit": square.fit,
            "crop_fraction": square.crop_fraction,
            "interpolation": square.interpolation,
            "mean": network.mean,
            "std": network.std,
            "files": onnx_files(aside),
        }
    )
    card = write_verified_card(draft, network, aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return card
