"""Partial fine-tuning: which stages of a backbone learn, and which stay as they came."""

import math
from collections.abc import Iterator
from typing import Any

from timm.models import group_modules, group_parameters
from torch import nn

from training.errors import SettingsInvalid


def freeze(backbone: Any, trainable: float | tuple[int, ...], name: str) -> list[nn.Module]:
    """Takes the stages that are not `trainable` out of training.

    Stages are timm's: the stem, each block of blocks, and the head where it has weights.
    `trainable` is as in NetworkSettings. Returns the layers of the frozen stages; they must stay
    in evaluation mode, or their running means would move. Raises SettingsInvalid.
    """
    if trainable == 1.0:
        return []
    if not hasattr(backbone, "group_matcher"):
        raise SettingsInvalid(f"{name} is not divided into stages: use trainable: 1.0.")
    matcher = backbone.group_matcher(coarse=True)
    parameters = group_parameters(backbone, matcher)
    learning = _learning(trainable, len(parameters), name)
    frozen = [stage for stage in parameters if stage not in learning]
    for stage in frozen:
        for path in parameters[stage]:
            backbone.get_parameter(path).requires_grad_(False)
    layers = group_modules(backbone, matcher)
    return [backbone.get_submodule(path) for stage in frozen for path in layers.get(stage, ())]


def batch_norms(module: nn.Module) -> Iterator[nn.Module]:
    return (each for each in module.modules() if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d))


def _learning(trainable: float | tuple[int, ...], count: int, name: str) -> set[int]:
    """Numbers of the stages that learn."""
    if isinstance(trainable, tuple):
        outside = [stage for stage in trainable if not -count <= stage < count]
        if outside:
            raise SettingsInvalid(
                f"{name} has {count} stages, 0 to {count - 1}; there is no stage {outside[0]}."
            )
        return {stage % count for stage in trainable}
    # Rounded up, but not for what a product of floats is off.
    return set(range(count - math.ceil(trainable * count - 1e-9), count))
