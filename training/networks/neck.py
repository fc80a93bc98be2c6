"""Between features and embedding: a projection, and batch normalisation."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.errors import SettingsInvalid
from training.linear.whitening import Spectrum, discriminative, within_class

_SHRINKAGE = 0.7
MOST_COMPONENTS = 1024


def build_neck(features: int, *, dimension: int | None, batch_norm: bool) -> nn.Sequential:
    """(n, features) -> (n, dimension), or (n, features) without a dimension.

    The projection starts with orthonormal rows: until it has learnt anything it keeps the angles
    between features as well as a blind reduction can.
    """
    layers: list[nn.Module] = []
    if dimension is not None:
        projection = nn.Linear(features, dimension)
        nn.init.orthogonal_(projection.weight)
        nn.init.zeros_(projection.bias)
        layers.append(projection)
    if batch_norm:
        layers.append(nn.BatchNorm1d(dimension or features))
    return nn.Sequential(*layers)


def start_whitened(
    projection: nn.Linear, features: NDArray[np.float32], labels: NDArray[np.int64]
) -> None:
    """Starts a projection where the linear head would end: at the whitening within products, with
    shrinkage 0.7, of the features' 1,024 leading principal components, reduced to the directions
    of most scatter after it.

    `features` float32 (n, features), of the pictures to learn from, and their products, int64 (n,).
    The weights get the size of orthonormal ones, so that a learning rate means the same for both.
    Raises SettingsInvalid where the features have too few components for so many dimensions.
    """
    mean = features.mean(axis=0)
    _, _, components = np.linalg.svd(features - mean, full_matrices=False)
    components = components[: min(len(components), len(features) - 1, MOST_COMPONENTS)]
    dimension = projection.out_features
    if len(components) < dimension:
        raise SettingsInvalid(
            f"network.dimension is {dimension}, and the {len(features):,} pictures to learn from "
            f"have {len(components)} components to start from. Choose a smaller dimension, or "
            f"projection: orthonormal."
        )
    reduced = (features - mean) @ components.T
    spectrum = Spectrum.of(within_class(reduced, labels))
    whitening = spectrum.vectors * spectrum.scales(_SHRINKAGE)
    rows = (components.T @ whitening @ discriminative(reduced @ whitening)[:, :dimension]).T
    rows /= np.sqrt(np.square(rows).mean() * rows.shape[1])
    with torch.no_grad():
        projection.weight.copy_(torch.from_numpy(rows))
        projection.bias.copy_(torch.from_numpy(-rows @ mean))
