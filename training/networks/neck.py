"""Between features and embedding: a projection, and batch normalisation."""

from torch import nn


def build_neck(features: int, *, dimension: int | None, batch_norm: bool) -> nn.Sequential:
    """(n, features) -> (n, dimension), or (n, features) without a dimension.

    The projection starts with orthonormal rows: until it has learnt anything it keeps the angles
    between features as well as a blind reduction can.
    """
    layers: list[nn.Module] = []
    if dimension is not None:
        projection = nn.Linear(features, dimension, bias=False)
        nn.init.orthogonal_(projection.weight)
        layers.append(projection)
    if batch_norm:
        layers.append(nn.BatchNorm1d(dimension or features))
    return nn.Sequential(*layers)
