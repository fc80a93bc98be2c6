import math

import pytest
import torch

from tests.training.losses.examples import batch, mean
from training.losses.contrastive import ContrastiveLoss
from training.losses.multi_task import MultiTaskLoss


def test_matching_and_weighted_recognition_are_added() -> None:
    embeddings, labels = batch()
    logits = torch.randn(10, 5, generator=torch.Generator().manual_seed(1)).double()
    recognition = mean(
        [
            math.log(sum(math.exp(z) for z in row)) - row[label]
            for row, label in zip(logits.tolist(), labels.tolist(), strict=True)
        ]
    )
    found = MultiTaskLoss(ContrastiveLoss(1.0), recognition_weight=0.3)(embeddings, labels, logits)
    alone = ContrastiveLoss(1.0)(embeddings, labels).item()
    assert found.item() == pytest.approx(alone + 0.3 * recognition, abs=1e-5)


def test_both_tasks_are_learnt_from() -> None:
    embeddings, labels = batch()
    logits = torch.zeros(10, 5, dtype=torch.float64, requires_grad=True)
    loss = MultiTaskLoss(ContrastiveLoss(1.0), recognition_weight=0.3)
    loss(embeddings, labels, logits).backward()
    assert embeddings.grad is not None
    assert logits.grad is not None
    assert embeddings.grad.abs().sum() > 0
    own = logits.grad.gather(1, labels[:, None])
    assert (own < 0).all()  # a step raises the logit of the right product ...
    assert (logits.grad.sum(dim=1).abs() < 1e-9).all()  # ... and lowers the others as much
