"""Losses on pairs and triplets beside loops over them."""

import math

import pytest
import torch
from torch import nn

from tests.training.losses.examples import (
    batch,
    dot,
    euclidean,
    mean,
    mean_of_costs,
    rows,
    spread,
    step_down,
)
from training.losses.angular import AngularLoss
from training.losses.contrastive import ContrastiveLoss
from training.losses.multi_similarity import MultiSimilarityLoss
from training.losses.robust_contrastive import RobustContrastiveLoss
from training.losses.triplet import TripletLoss

EMBEDDINGS, LABELS = batch()
VECTORS, PRODUCTS = rows(EMBEDDINGS), LABELS.tolist()
PICTURES = range(len(PRODUCTS))


def ordered_pairs(*, same: bool) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i in PICTURES
        for j in PICTURES
        if i != j and (PRODUCTS[i] == PRODUCTS[j]) is same
    ]


def contrastive_by_loops(margin: float, limit: float) -> float:
    alike, apart = [], []
    for i, j in ordered_pairs(same=True):
        distance = euclidean(VECTORS[i], VECTORS[j])
        if distance <= limit:
            alike.append(distance**2 / 2)
    for i, j in ordered_pairs(same=False):
        apart.append(max(0.0, margin - euclidean(VECTORS[i], VECTORS[j])) ** 2 / 2)
    return mean_of_costs(alike) + mean_of_costs(apart)


def test_contrastive() -> None:
    found = ContrastiveLoss(1.3)(EMBEDDINGS, LABELS)
    assert found.item() == pytest.approx(contrastive_by_loops(1.3, math.inf), abs=1e-5)


def test_robust_contrastive_drops_pairs_beyond_the_limit() -> None:
    distances = sorted(euclidean(VECTORS[i], VECTORS[j]) for i, j in ordered_pairs(same=True))
    limit = (distances[3] + distances[4]) / 2
    found = RobustContrastiveLoss(1.3, limit)(EMBEDDINGS, LABELS)
    assert found.item() == pytest.approx(contrastive_by_loops(1.3, limit), abs=1e-5)


def test_a_dropped_pair_pulls_nothing() -> None:
    far = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    labels = torch.tensor([0, 0])
    RobustContrastiveLoss(1.0, limit=1.9)(far, labels).backward()
    assert far.grad is not None
    assert far.grad.abs().max() == 0.0


def test_triplet() -> None:
    costs = [
        max(0.0, 0.3 + euclidean(VECTORS[q], VECTORS[p]) - euclidean(VECTORS[q], VECTORS[n]))
        for q, p in ordered_pairs(same=True)
        for n in PICTURES
        if PRODUCTS[n] != PRODUCTS[q]
    ]
    found = TripletLoss(0.3)(EMBEDDINGS, LABELS)
    assert found.item() == pytest.approx(mean_of_costs(costs), abs=1e-5)


def test_triplet_keeps_to_the_triplets_it_is_given() -> None:
    query, closer, farther = 0, 5, 1  # against the labels, as a judgement may be
    found = TripletLoss(0.3)(
        EMBEDDINGS, LABELS, tuple(torch.tensor([each]) for each in (query, closer, farther))
    )
    nearer = euclidean(VECTORS[query], VECTORS[closer])
    expected = max(0.0, 0.3 + nearer - euclidean(VECTORS[query], VECTORS[farther]))
    assert found.item() == pytest.approx(expected, abs=1e-5)


def test_angular() -> None:
    squared_tangent = math.tan(math.radians(40)) ** 2
    losses = []
    for a, p in ordered_pairs(same=True):
        total = 1.0
        for n in PICTURES:
            if PRODUCTS[n] != PRODUCTS[a]:
                both = [x + y for x, y in zip(VECTORS[a], VECTORS[p], strict=True)]
                total += math.exp(
                    4 * squared_tangent * dot(both, VECTORS[n])
                    - 2 * (1 + squared_tangent) * dot(VECTORS[a], VECTORS[p])
                )
        losses.append(math.log(total))
    found = AngularLoss(40)(EMBEDDINGS, LABELS)
    assert found.item() == pytest.approx(mean(losses), abs=1e-5)


def test_multi_similarity() -> None:
    alpha, beta, base = 2.0, 50.0, 0.5
    losses = []
    for i in PICTURES:
        alike = [dot(VECTORS[i], VECTORS[j]) for a, j in ordered_pairs(same=True) if a == i]
        apart = [dot(VECTORS[i], VECTORS[j]) for a, j in ordered_pairs(same=False) if a == i]
        pull = math.log(1 + sum(math.exp(-alpha * (s - base)) for s in alike)) / alpha
        push = math.log(1 + sum(math.exp(beta * (s - base)) for s in apart)) / beta
        losses.append(pull + push)
    found = MultiSimilarityLoss(alpha, beta, base)(EMBEDDINGS, LABELS)
    assert found.item() == pytest.approx(mean(losses), abs=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        ContrastiveLoss(1.3),
        RobustContrastiveLoss(1.3, 1.9),
        TripletLoss(0.3),
        AngularLoss(40),
        MultiSimilarityLoss(2.0, 50.0, 0.5),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_a_step_brings_products_together_and_apart(loss: nn.Module) -> None:
    after = step_down(loss, EMBEDDINGS, LABELS)
    gained = spread(after, LABELS, same=False) - spread(after, LABELS, same=True)
    had = spread(EMBEDDINGS, LABELS, same=False) - spread(EMBEDDINGS, LABELS, same=True)
    assert gained > had
    assert spread(after, LABELS, same=True) < spread(EMBEDDINGS, LABELS, same=True)


@pytest.mark.parametrize(
    "loss", [ContrastiveLoss(1.3), TripletLoss(0.3), AngularLoss(40), RobustContrastiveLoss(1, 1)]
)
def test_a_batch_without_pairs_costs_nothing_and_can_be_stepped(loss: nn.Module) -> None:
    lonely = torch.eye(2, requires_grad=True)
    found = loss(lonely, torch.tensor([0, 1]))
    found.backward()
    assert found.item() == 0.0
