"""Losses with a proxy per product, beside loops over pictures and proxies."""

import math

import pytest
import torch

from tests.training.losses.examples import batch, dot, mean, rows
from training.losses.proxies import NormalisedSoftmaxLoss, ProxyAnchorLoss

EMBEDDINGS, LABELS = batch()
VECTORS, PRODUCTS = rows(EMBEDDINGS), LABELS.tolist()
CLASSES = 7  # two of them without a picture in the batch


def test_proxy_anchor() -> None:
    torch.manual_seed(0)
    loss = ProxyAnchorLoss(CLASSES, 5, margin=0.1, alpha=32.0)
    found = loss(EMBEDDINGS, LABELS)
    proxies = rows(torch.nn.functional.normalize(loss.proxies, dim=1))
    pulls, pushes = [], []
    for product, proxy in enumerate(proxies):
        own = [dot(v, proxy) for v, p in zip(VECTORS, PRODUCTS, strict=True) if p == product]
        others = [dot(v, proxy) for v, p in zip(VECTORS, PRODUCTS, strict=True) if p != product]
        if own:
            pulls.append(math.log(1 + sum(math.exp(-32.0 * (s - 0.1)) for s in own)))
        pushes.append(math.log(1 + sum(math.exp(32.0 * (s + 0.1)) for s in others)))
    assert found.item() == pytest.approx(mean(pulls) + mean(pushes), abs=1e-5)


def test_normalised_softmax() -> None:
    torch.manual_seed(0)
    loss = NormalisedSoftmaxLoss(CLASSES, 5, temperature=0.05)
    found = loss(EMBEDDINGS, LABELS)
    proxies = rows(torch.nn.functional.normalize(loss.W.T, dim=1))
    costs = []
    for vector, product in zip(VECTORS, PRODUCTS, strict=True):
        powers = [math.exp(dot(vector, proxy) / 0.05) for proxy in proxies]
        costs.append(-math.log(powers[product] / sum(powers)))
    assert found.item() == pytest.approx(mean(costs), abs=1e-5)


@pytest.mark.parametrize("kind", ["anchor", "softmax"])
def test_a_step_brings_pictures_to_their_proxies(kind: str) -> None:
    torch.manual_seed(0)
    loss = (
        ProxyAnchorLoss(CLASSES, 5, margin=0.1, alpha=32.0)
        if kind == "anchor"
        else NormalisedSoftmaxLoss(CLASSES, 5, temperature=0.05)
    )
    optimiser = torch.optim.SGD(loss.parameters(), lr=0.01)
    before = loss(EMBEDDINGS, LABELS)
    (gradient,) = torch.autograd.grad(before, EMBEDDINGS, retain_graph=True)
    weights = loss.proxies if kind == "anchor" else loss.W.T
    own = torch.nn.functional.normalize(weights.detach(), dim=1)[LABELS]
    # Against the gradient lies, for all pictures together, the way to their own proxies.
    assert (-gradient * own).sum() > 0
    before.backward()
    optimiser.step()
    assert loss(EMBEDDINGS, LABELS).item() < before.item()  # the proxies come, too
