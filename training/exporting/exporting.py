"""The best weights as model.onnx and card.json."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from embedding.card import ModelCard
from embedding.export import origin_of
from embedding.network_trained import NetworkTrained
from embedding.onnx_model import onnx_files, write_onnx, write_verified_card
from training.data.pixels import Square
from training.networks.building import export_options
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.settings import NetworkSettings


def export(
    network: EmbeddingNetwork,
    settings: NetworkSettings,
    square: Square,
    trained: NetworkTrained,
    folder: Path,
    *,
    name: str,
) -> ModelCard:
    """Writes the model into `folder`, in place of what an earlier run left there; it appears whole
    or not at all. The network is moved to the processor. Raises ModelError, ExportMismatch.
    """
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    network.cpu().eval()
    dimension = write_onnx(network, network.input_size, aside)
    source, licence = origin_of(settings.backbone, export_options(settings))
    draft = ModelCard(
        name=name,
        kind="onnx",
        description=f"{settings.backbone}, {settings.form}, at {network.input_size} pixels, "
        f"trained further with the {trained.loss} loss",
        licence=f"{licence}; trained further on pictures of {', '.join(trained.sources)}",
        source=f"{source}; trained further, seed {trained.seed}",
        created_at=datetime.now(UTC).replace(microsecond=0),
        dimension=dimension,
        input_size=network.input_size,
        fit=square.fit,
        crop_fraction=square.crop_fraction,
        interpolation=square.interpolation,
        mean=network.mean,
        std=network.std,
        files=onnx_files(aside),
        trained=trained,
    )
    card = write_verified_card(draft, network, aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    return card
