import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from torch import nn

from training.fitting.objective import Objective, Teaching
from training.losses.building import build_loss
from training.losses.settings import LossSettings
from training.mining.building import build_miner
from training.mining.settings import MiningSettings

_PLACES = [2, 0, 1, 3]


@pytest.fixture
def embeddings() -> torch.Tensor:
    torch.manual_seed(0)
    return functional.normalize(torch.randn(4, 8), dim=1)


LABELS = torch.tensor([0, 0, 1, 1])


def loss(name: str) -> nn.Module:
    return build_loss(LossSettings(name=name), dimension=8, classes=2)


def test_a_teacher_has_its_share_and_is_asked_for_the_batch(embeddings: torch.Tensor) -> None:
    teacher = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    teaching = Teaching(teacher, loss("cosine-distillation"), share=0.25)

    judged = Objective(loss("contrastive"), None, teaching)(embeddings, LABELS, None, _PLACES)

    of_labels = loss("contrastive")(embeddings, LABELS)
    cosines = functional.cosine_similarity(embeddings, torch.from_numpy(teacher[_PLACES]))
    expected = 0.75 * of_labels + 0.25 * (1 - cosines).mean()
    assert judged.loss.item() == pytest.approx(expected.item(), abs=1e-6)
    assert (judged.mined, judged.dropped) == (None, None)


def test_recognition_needs_the_logits(embeddings: torch.Tensor) -> None:
    logits = torch.randn(4, 2)

    judged = Objective(loss("multi-task"), None)(embeddings, LABELS, logits, _PLACES)

    matching = loss("robust-contrastive")(embeddings, LABELS)
    expected = matching + 0.1 * functional.cross_entropy(logits, LABELS)
    assert judged.loss.item() == pytest.approx(expected.item(), abs=1e-6)


def test_counts_pairs_mined_and_positives_dropped_on_a_curriculum(embeddings: torch.Tensor) -> None:
    settings = MiningSettings(name="curriculum", share=1.0, noise_bound=1e-9)
    objective = Objective(loss("contrastive"), build_miner(settings))
    objective.advance(0.5)

    judged = objective(embeddings, LABELS, None, _PLACES)

    # Of two pairs of one product, both ways round, the median is the lesser distance.
    assert judged.dropped == 1
    assert judged.mined == 4 - 2 + 8
