"""The deep tower joined by shallow layers, so that detail survives (S1; S3; SimNet)."""

from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from training.errors import SettingsInvalid
from training.networks.pooling import GeneralizedMean
from training.networks.settings import Pooling
from training.networks.shallow_branch import ShallowBranch, least_input_size

_LOWER_STRIDES = (4, 8, 16)
_BRANCH_REDUCTIONS = (1, 4)
_SHARE_OF_SHALLOW = 0.2


class MultiScaleFeatures(nn.Module):  # type: ignore[misc]
    """What a backbone ends in, beside its feature maps at strides 4, 8 and 16 and beside two
    shallow branches, at full and at quarter resolution: float32 (n, dimension).

    Each part gets unit length, is multiplied by its own learnt gain, and all are put in a row
    (Wang et al. 2014, figure 3; S3's combined lower-level and top-level embeddings). The cosine of
    two rows is the mean of the parts' cosines weighted by the squared gains. These start at 1 for
    the deep tower and 0.2 for each of the others, so that training starts near what the backbone
    already knows.

    `backbone` is a timm network without classifier. Raises SettingsInvalid where it has no
    intermediate maps, or the input is too small for the branches.
    """

    def __init__(self, backbone: Any, *, name: str, input_size: int, pooling: Pooling) -> None:
        super().__init__()
        if not hasattr(backbone, "forward_intermediates"):
            raise SettingsInvalid(
                f"{name} does not hand out its lower-level features. Use form: single-scale."
            )
        least = max(least_input_size(reduction) for reduction in _BRANCH_REDUCTIONS)
        if input_size < least:
            raise SettingsInvalid(
                f"The multi-scale form needs an input_size of at least {least}, not {input_size}."
            )
        self.backbone = backbone
        self.levels = _lower_levels([int(info["reduction"]) for info in backbone.feature_info])
        self.pools = nn.ModuleList(_pool(pooling) for _ in self.levels)
        self.branches = nn.ModuleList(
            ShallowBranch(input_size, reduction=reduction) for reduction in _BRANCH_REDUCTIONS
        )
        shallow = len(self.levels) + len(self.branches)
        self.gains = nn.Parameter(torch.tensor([1.0] + [_SHARE_OF_SHALLOW] * shallow))

    def forward(self, pixels: Tensor) -> Tensor:
        last, maps = self.backbone.forward_intermediates(
            pixels, indices=self.levels, output_fmt="NCHW"
        )
        parts = [self.backbone.forward_head(last)]
        parts += [pool(level) for pool, level in zip(self.pools, maps, strict=True)]
        parts += [branch(pixels) for branch in self.branches]
        units = [functional.normalize(part.float(), dim=1) for part in parts]
        return torch.cat([gain * unit for gain, unit in zip(self.gains, units, strict=True)], dim=1)


def _lower_levels(strides: list[int]) -> list[int]:
    """Which of a backbone's feature maps join: the last ones of their strides, or, where all
    blocks have one stride as in a transformer, those a quarter, half and three quarters up."""
    if len(set(strides)) == 1:
        return [len(strides) * quarter // 4 for quarter in (1, 2, 3)]
    found = {stride: level for level, stride in enumerate(strides) if stride in _LOWER_STRIDES}
    return sorted(found.values())


def _pool(pooling: Pooling) -> nn.Module:
    if pooling == "gem":
        return GeneralizedMean()
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
