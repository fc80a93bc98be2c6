"""What a projection knows before the first step, from one look at the training's pictures."""

import numpy as np
import torch
from numpy.typing import NDArray

from training.data.augmentation import Augmentation
from training.data.material import Part
from training.fitting.devices import Device
from training.losses.settings import LossName
from training.networks.building import build_network
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.neck import start_whitened
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
