"""Small trainings."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.data.material import Material
from training.fitting.devices import Device
from training.fitting.judging import JudgedBatches
from training.fitting.loop import Fit
from training.fitting.objective import Objective
from training.fitting.reporting import Reporter
from training.losses.building import build_loss
from training.mining.building import build_miner
from training.networks.building import build_network
from training.networks.embedding_network import EmbeddingNetwork
from training.settings import TrainingSettings

INPUT_SIZE = 32
TINY: dict[str, object] = {
    "network.backbone": "test_efficientnet",
    "network.random_weights": True,
    "network.input_size": INPUT_SIZE,
    "network.backbone_statistics": "learnt",
    "optimiser.backbone_factor": 1.0,
    "optimiser.lr": 3e-3,
    "optimiser.averaging": 0.9,
    "batches.products": 12,
    "budget.patience": 100,
    "data.validation": 0.25,
    "data.held_out": 0.25,
    "threads": 1,
}
"""A network of a third of a million weights that learns from nothing."""


def tiny_settings(**told: Any) -> TrainingSettings:
    """`budget__epochs=3` is the flag `budget.epochs`."""
    return TrainingSettings.read(
        None, {**TINY, **{key.replace("__", "."): value for key, value in told.items()}}
    )


def tiny_network(settings: TrainingSettings) -> EmbeddingNetwork:
    torch.manual_seed(settings.seed)
    np.random.seed(settings.seed)
    return build_network(settings.network, classes=None)


def tiny_fit(
    settings: TrainingSettings,
    material: Material,
    folder: Path,
    *,
    network: EmbeddingNetwork | None = None,
    reporter: Reporter | None = None,
    identity: str = "same",
    judged: JudgedBatches | None = None,
) -> Fit:
    network = network or tiny_network(settings)
    classes = int(material.training.labels.max()) + 1
    loss = build_loss(settings.loss, dimension=network.dimension, classes=classes)
    return Fit(
        network,
        Objective(loss, build_miner(settings.mining)),
        material,
        settings,
        Device(settings),
        folder,
        identity=identity,
        reporter=reporter or Reporter(),
        judged=judged,
    )
