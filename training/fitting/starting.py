"""What a projection knows before the first step, from one look at the training's pictures."""

import numpy as np
import torch
from numpy.typing import NDArray

from embedding.export import origin_of
from embedding.store import ModelStore
from training.data.augmentation import Augmentation
from training.data.material import Part
from training.errors import SettingsInvalid
from training.fitting.devices import Device
from training.losses.settings import LossName
from training.networks.building import build_network, export_options
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.neck import MOST_COMPONENTS, start_whitened
from training.networks.settings import NetworkSettings
from training.settings import TrainingSettings

_AT_ONCE = 64
_MOST_PICTURES = 20_000


def seeded_network(
    settings: TrainingSettings, training: Part, *, loss: LossName | None
) -> EmbeddingNetwork:
    """The network as the seed makes it; with a softmax over the products where the loss that it is
    trained by, if it is, asks for one."""
    torch.manual_seed(settings.seed)
    np.random.seed(settings.seed)
    recognises = loss == "multi-task"
    return build_network(settings.network, classes=training.products if recognises else None)


def check_dimension(settings: NetworkSettings, pictures: int) -> None:
    """Before anything is decoded. Raises SettingsInvalid where so many pictures to learn from have
    too few components for the projection to start from."""
    if settings.dimension is None or settings.projection != "whitened":
        return
    most = min(pictures - 1, MOST_COMPONENTS)
    if settings.dimension > most:
        raise SettingsInvalid(
            f"network.dimension is {settings.dimension}, and the projection starts from the "
            f"components of the pictures to learn from: {pictures:,} of them have at most {most}. "
            f"Choose {most} or less, or network.projection: orthonormal, or add pictures."
        )


def other_of_that_name(store: ModelStore, settings: NetworkSettings) -> str | None:
    """Where a model is installed under the backbone's name and has other weights: which of the two
    is trained, and how to train the other."""
    installed = next((card for card in store.cards() if card.name == settings.backbone), None)
    origin, _ = origin_of(settings.backbone, export_options(settings))
    if installed is None or installed.source == origin:
        return None
    return (
        f"Training begins with {origin}, not with the model installed as {installed.name!r} "
        f"({installed.source}), whose folder holds nothing that can be trained further. To begin "
        f"with the weights that it was made from, name their file: --weights FILE."
    )


def start_projection(
    network: EmbeddingNetwork, settings: NetworkSettings, training: Part, device: Device
) -> None:
    """Starts the projection as the settings say; nothing where there is none.

    Of very many pictures 20,000 are looked at, evenly taken. Raises SettingsInvalid.
    """
    projection = network.projection
    if projection is None or settings.projection != "whitened":
        return
    count = len(training.rows)
    places = np.unique(np.linspace(0, count - 1, min(count, _MOST_PICTURES)).astype(np.int64))
    features = _features(network.to(device.name), training, places, device)
    start_whitened(projection, features, training.labels[places])


def _features(
    network: EmbeddingNetwork, training: Part, places: NDArray[np.int64], device: Device
) -> NDArray[np.float32]:
    """float32 (places, features): what the projection is given, of unchanged pictures."""
    unchanged = Augmentation({}, side=network.input_size, seed=0)
    was_training = network.training
    network.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(places), _AT_ONCE):
            rows = training.rows[places[start : start + _AT_ONCE]]
            pixels = np.stack(
                [unchanged(np.array(training.pixels.table[row]), epoch=0, draw=0) for row in rows]
            )
            shown = device.normalised(pixels, network.mean, network.std)
            found.append(network.features(shown).float().cpu().numpy())
    network.train(was_training)
    return np.concatenate(found)
