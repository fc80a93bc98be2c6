import pytest
import torch
from pydantic import ValidationError

from training.losses.building import build_loss
from training.losses.settings import DEFAULTS, LossSettings


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_loss_can_be_built_and_learnt_from(name: str) -> None:
    torch.manual_seed(0)
    loss = build_loss(LossSettings.model_validate({"name": name}), dimension=8, classes=3)
    pixels = torch.randn(6, 8).requires_grad_()
    embeddings = torch.nn.functional.normalize(pixels, dim=1)
    labels = torch.tensor([0, 0, 1, 1, 2, 2])
    if name == "multi-task":
        found = loss(embeddings, labels, embeddings[:, :3], None)
    elif name.endswith("distillation"):
        found = loss(embeddings, torch.randn(6, 8))
    else:
        found = loss(embeddings, labels, None)
    found.backward()
    assert found.ndim == 0
    assert pixels.grad is not None
    assert pixels.grad.abs().sum() > 0


def test_parameters_reach_the_loss() -> None:
    wide = build_loss(LossSettings(name="triplet", parameters={"gap": 0.7}), dimension=2, classes=2)
    corner = torch.eye(2)[[0, 0, 1]]
    assert wide(corner, torch.tensor([0, 0, 1])).item() == 0.0  # sqrt 2 is gap enough
    far_too_wide = build_loss(
        LossSettings(name="triplet", parameters={"gap": 2.0}), dimension=2, classes=2
    )
    found = far_too_wide(corner, torch.tensor([0, 0, 1]))
    assert found.item() == pytest.approx(2.0 - 2.0**0.5, abs=1e-5)


def test_a_parameter_of_another_loss_is_refused() -> None:
    with pytest.raises(ValidationError, match="triplet has no parameter 'margin'; it has gap"):
        LossSettings(name="triplet", parameters={"margin": 0.2})
