"""A batch small enough to loop over, and loops that everybody can check."""

import math

import torch
from torch import Tensor


def batch(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Unit vectors float64 (10, 5) that ask for a gradient, and their products, int64 (10,)."""
    drawn = torch.randn(10, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    labels = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 3, 4])
    return torch.nn.functional.normalize(drawn, dim=1).requires_grad_(), labels


def rows(embeddings: Tensor) -> list[list[float]]:
    return [list(map(float, row)) for row in embeddings.detach()]


def dot(first: list[float], second: list[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def euclidean(first: list[float], second: list[float]) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def mean_of_costs(values: list[float]) -> float:
    """Mean over what costs anything, as the losses on pairs and triplets take it."""
    return mean([value for value in values if value > 0.0])


def step_down(loss: torch.nn.Module, embeddings: Tensor, labels: Tensor) -> Tensor:
    """The unit vectors after one small step against the gradient of the loss."""
    (gradient,) = torch.autograd.grad(loss(embeddings, labels), embeddings)
    assert gradient.isfinite().all()
    assert gradient.abs().sum() > 0
    return torch.nn.functional.normalize(embeddings - 0.05 * gradient, dim=1).detach()


def spread(embeddings: Tensor, labels: Tensor, *, same: bool) -> float:
    """Mean distance of the pairs of one product, or of different ones."""
    vectors, products = rows(embeddings), labels.tolist()
    return mean(
        [
            euclidean(vectors[i], vectors[j])
            for i in range(len(vectors))
            for j in range(len(vectors))
            if i != j and (products[i] == products[j]) is same
        ]
    )
