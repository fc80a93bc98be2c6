"""What the card of a network that was trained further says."""

from pathlib import Path

from embedding.card import ModelCard
from embedding.export import origin_of
from embedding.network_trained import NetworkTrained
from training.data.pixels import Square
from training.exporting.writing import write_model
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
    """As `write_model`, of a network that was trained further."""
    source, licence = origin_of(settings.backbone, export_options(settings))
    told = {
        "name": name,
        "description": f"{settings.backbone}, {settings.form}, at {network.input_size} pixels, "
        f"trained further with the {trained.loss} loss",
        "licence": f"{licence}; trained further on pictures of {', '.join(trained.sources)}",
        "source": f"{source}; trained further, seed {trained.seed}",
        "trained": trained,
    }
    return write_model(network, square, folder, told)
