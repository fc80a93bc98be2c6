"""The network that is taught: its maps as well as its vectors."""

import torch
import torch.nn.functional as functional
from torch import Tensor

from training.networks.building import build_network
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.settings import NetworkSettings


def build_student(settings: NetworkSettings, *, dimension: int, seed: int) -> EmbeddingNetwork:
    """As the seed draws it, with a projection to `dimension`. Raises ModelUnknown, ModelError."""
    torch.manual_seed(seed)
    whole = settings.model_copy(update={"dimension": dimension})
    return build_network(whole, classes=None)


def maps_of(network: EmbeddingNetwork, pixels: Tensor, grid: tuple[int, int]) -> Tensor:
    """float32 (n, 3, side, side), normalised -> (n, places of `grid`, dimension), unscaled.

    The projection is linear, so their mean is what the network gives before unit length, where
    `grid` divides the network's own.
    """
    features = network.features.forward_features(pixels)
    return places_of(network.neck(features.flatten(2).transpose(1, 2)), features.shape[2:], grid)


def places_of(maps: Tensor, own: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """(n, places of `own`, d) -> (n, places of `grid`, d), by averaging neighbours."""
    if tuple(own) == tuple(grid):
        return maps
    square = maps.transpose(1, 2).unflatten(2, tuple(own))
    return functional.adaptive_avg_pool2d(square, grid).flatten(2).transpose(1, 2)
