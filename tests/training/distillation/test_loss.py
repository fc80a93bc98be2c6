import numpy as np
import pytest
import torch

from training.distillation.loss import distillation_loss
from training.distillation.settings import LossSettings

N, PLACES, D = 5, 4, 3


def _maps(seed: int) -> torch.Tensor:
    drawn = np.random.default_rng(seed).normal(size=(N, PLACES, D))
    return torch.from_numpy(drawn.astype(np.float32))


def _naive(student: torch.Tensor, teacher: torch.Tensor) -> tuple[float, float, float]:
    s, t = student.numpy().astype(float), teacher.numpy().astype(float)
    middle = t.reshape(-1, D).mean(axis=0)
    error = spread = whole = relations = 0.0
    for n in range(N):
        for p in range(PLACES):
            error += ((s[n, p] - t[n, p]) ** 2).sum()
            spread += ((t[n, p] - middle) ** 2).sum()

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.sqrt((a @ a) * (b @ b)))

    for n in range(N):
        whole += (1.0 - cosine(s[n].mean(axis=0), t[n].mean(axis=0))) / N
        for m in range(N):
            if n != m:
                ours = cosine(s[n].mean(axis=0), s[m].mean(axis=0))
                theirs = cosine(t[n].mean(axis=0), t[m].mean(axis=0))
                relations += (ours - theirs) ** 2 / (N * (N - 1))
    return error / spread, whole, relations


@pytest.mark.parametrize(
    "weights", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.5, 2.0, 3.0)]
)
def test_each_term_is_its_formula(weights: tuple[float, float, float]) -> None:
    places, whole, relations = weights
    found = distillation_loss(
        _maps(0), _maps(1), LossSettings(places=places, whole=whole, relations=relations)
    )

    expected = np.dot(weights, _naive(_maps(0), _maps(1)))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_a_student_that_says_the_same_has_nothing_to_learn() -> None:
    found = distillation_loss(_maps(0), _maps(0), LossSettings())

    assert found.item() == pytest.approx(0.0, abs=1e-6)
