"""Generalised mean pooling: between the average and the maximum of a feature map."""

import torch
from timm.layers import SelectAdaptivePool2d
from torch import Tensor, nn

from training.errors import SettingsInvalid

_INITIAL_POWER = 3.0
_LEAST = 1e-6


class GeneralizedMean(nn.Module):  # type: ignore[misc]
    """(1/|X| sum_{x in X} x^p)^(1/p) per channel, p learnt from 3 (GeM: Radenović, Tolias & Chum
    2019, "Fine-tuning CNN Image Retrieval with No Human Annotation", eq. 3).

    p = 1 is the average, p -> infinity the maximum. Takes (n, channels, h, w); gives
    (n, channels), or (n, channels, 1, 1) unless `flatten`. Activations below 1e-6 count as 1e-6.
    """

    def __init__(self, *, flatten: bool = True) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor(_INITIAL_POWER))
        self.flatten = flatten

    def forward(self, features: Tensor) -> Tensor:
        raised = features.float().clamp(min=_LEAST) ** self.power
        pooled: Tensor = raised.mean(dim=(2, 3), keepdim=not self.flatten) ** (1.0 / self.power)
        return pooled


def pool_by_generalized_mean(backbone: nn.Module, name: str) -> None:
    """Puts GeneralizedMean where the timm network `name` averages its last feature map.

    Raises SettingsInvalid for a network that ends in no map of (n, channels, h, w).
    """
    pools = [
        (path, module)
        for path, module in backbone.named_modules()
        if isinstance(module, SelectAdaptivePool2d)
        and isinstance(module.pool, nn.AdaptiveAvgPool2d)
    ]
    if len(pools) != 1:
        raise SettingsInvalid(
            f"{name} does not end in one average over a feature map, so there is nothing for GeM "
            f"to replace. Use pooling: average, or a convolutional backbone."
        )
    (path, pool), *_ = pools
    flatten = isinstance(pool.flatten, nn.Flatten)
    backbone.set_submodule(path, GeneralizedMean(flatten=flatten))
