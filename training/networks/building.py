"""Settings to network."""

import torch
from torch import nn

from embedding.errors import ModelError
from embedding.export import build_backbone, input_size_of
from embedding.export_options import ExportOptions
from training.errors import SettingsInvalid
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.multi_scale import MultiScaleFeatures
from training.networks.neck import build_neck
from training.networks.pooling import pool_by_generalized_mean
from training.networks.settings import NetworkSettings
from training.networks.stages import batch_norms, freeze


def build_network(settings: NetworkSettings, *, classes: int | None) -> EmbeddingNetwork:
    """The network, its backbone with its weights, all else drawn by torch's generator.

    With `classes`, it ends besides in a softmax head over so many. In training mode. Raises
    SettingsInvalid, or the errors of `build_backbone` for a name, weights or arguments that do
    not fit.
    """
    options = export_options(settings)
    input_size = input_size_of(settings.backbone, options)
    backbone = build_backbone(settings.backbone, options)
    if settings.pooling == "gem":
        pool_by_generalized_mean(backbone, settings.backbone)
    frozen_layers = freeze(backbone, settings.trainable, settings.backbone)
    if settings.backbone_statistics == "frozen":
        frozen_layers += batch_norms(backbone)
    features: nn.Module = backbone
    if settings.form == "multi-scale":
        features = MultiScaleFeatures(
            backbone, name=settings.backbone, input_size=input_size, pooling=settings.pooling
        )
    width = _width(features, input_size, settings.backbone)
    neck = build_neck(width, dimension=settings.dimension, batch_norm=settings.batch_norm)
    dimension = settings.dimension or width
    return EmbeddingNetwork(
        features,
        neck,
        None if classes is None else nn.Linear(dimension, classes),
        backbone=backbone,
        always_evaluating=frozen_layers,
        dimension=dimension,
        input_size=input_size,
        mean=settings.mean or tuple(backbone.pretrained_cfg["mean"]),
        std=settings.std or tuple(backbone.pretrained_cfg["std"]),
    ).train()


def export_options(settings: NetworkSettings) -> ExportOptions:
    """What of the settings `embedding.export` understands: all about the backbone."""
    return ExportOptions(
        weights=settings.weights,
        random_weights=settings.random_weights,
        size=settings.input_size,
        mean=settings.mean,
        std=settings.std,
        arguments=settings.arguments,
        identities=settings.identities,
    )


def _width(features: nn.Module, input_size: int, name: str) -> int:
    """How many features come out, by trying."""
    features.eval()
    try:
        with torch.inference_mode():
            found = features(torch.zeros(1, 3, input_size, input_size))
    except (AssertionError, RuntimeError) as error:
        raise SettingsInvalid(
            f"{name} does not take pictures of {input_size} x {input_size} pixels: {error}. "
            f"Choose another input_size."
        ) from error
    if found.ndim != 2:
        raise ModelError(
            f"{name} gives {tuple(found.shape)} for one picture, not one vector. "
            f"Try arguments: {{global_pool: avg}}."
        )
    return int(found.shape[1])
