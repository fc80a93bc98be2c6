"""Learning from a teacher, beside loops over pictures, pairs and triples."""

import itertools

import pytest
import torch

from tests.training.losses.examples import batch, dot, euclidean, mean, rows
from training.losses.distillation import CosineDistillationLoss, RelationalDistillationLoss

STUDENT, _ = batch(0)
TEACHER = batch(1)[0].detach()
WIDER_TEACHER = torch.cat([TEACHER, 2 * TEACHER.flip(0)], dim=1)


def huber(first: float, second: float) -> float:
    difference = abs(first - second)
    return difference**2 / 2 if difference <= 1 else difference - 0.5


def distances(vectors: list[list[float]]) -> list[float]:
    found = [
        euclidean(vectors[i], vectors[j]) for i, j in itertools.permutations(range(len(vectors)), 2)
    ]
    return [each / mean(found) for each in found]


def angles(vectors: list[list[float]]) -> list[float]:
    found = []
    for i, j, k in itertools.permutations(range(len(vectors)), 3):
        to_i = [a - b for a, b in zip(vectors[i], vectors[j], strict=True)]
        to_k = [a - b for a, b in zip(vectors[k], vectors[j], strict=True)]
        lengths = euclidean(vectors[i], vectors[j]) * euclidean(vectors[k], vectors[j])
        found.append(dot(to_i, to_k) / lengths)
    return found


def test_cosine() -> None:
    expected = mean([1 - dot(s, t) for s, t in zip(rows(STUDENT), rows(TEACHER), strict=True)])
    found = CosineDistillationLoss()(STUDENT, 3 * TEACHER)  # lengths do not count
    assert found.item() == pytest.approx(expected, abs=1e-5)


def test_cosine_refuses_vectors_of_another_length() -> None:
    with pytest.raises(ValueError, match="use relational distillation"):
        CosineDistillationLoss()(STUDENT, WIDER_TEACHER)


def test_relational() -> None:
    student, teacher = rows(STUDENT), rows(WIDER_TEACHER)
    by_distance = mean(
        [huber(s, t) for s, t in zip(distances(student), distances(teacher), strict=True)]
    )
    by_angle = mean([huber(s, t) for s, t in zip(angles(student), angles(teacher), strict=True)])
    found = RelationalDistillationLoss(3.0, 0.5)(STUDENT, WIDER_TEACHER)
    assert found.item() == pytest.approx(3.0 * by_distance + 0.5 * by_angle, abs=1e-5)


def test_relational_asks_for_relations_not_for_places() -> None:
    turned = torch.linalg.qr(torch.randn(5, 5, generator=torch.Generator().manual_seed(2)))[0]
    found = RelationalDistillationLoss(1.0, 2.0)(TEACHER, 7 * TEACHER @ turned.double())
    assert found.item() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("loss", [CosineDistillationLoss(), RelationalDistillationLoss(1.0, 2.0)])
def test_steps_lead_to_the_teacher(loss: torch.nn.Module) -> None:
    student = STUDENT.detach().clone().requires_grad_()
    before = loss(student, TEACHER).item()
    for _ in range(50):
        (gradient,) = torch.autograd.grad(loss(student, TEACHER), student)
        assert gradient.isfinite().all()
        student = (student - 0.5 * gradient).detach().requires_grad_()
    assert loss(student, TEACHER).item() < before / 2


def test_a_picture_twice_in_the_batch_has_a_gradient() -> None:
    twice = torch.cat([STUDENT[:3], STUDENT[:1]]).detach().requires_grad_()
    RelationalDistillationLoss(1.0, 2.0)(twice, WIDER_TEACHER[:4]).backward()
    assert twice.grad is not None
    assert twice.grad.isfinite().all()
