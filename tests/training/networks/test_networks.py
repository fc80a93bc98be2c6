"""Networks of tiny backbones, with random weights."""

import copy
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from embedding.errors import WeightsUnavailable
from training.errors import SettingsInvalid
from training.networks.building import build_network
from training.networks.embedding_network import EmbeddingNetwork
from training.networks.multi_scale import MultiScaleFeatures
from training.networks.settings import NetworkSettings

TINY = {"backbone": "test_resnet", "random_weights": True, "input_size": 64}


def network(classes: int | None = None, **settings: object) -> EmbeddingNetwork:
    torch.manual_seed(0)
    return build_network(NetworkSettings.model_validate({**TINY, **settings}), classes=classes)


def pixels(count: int = 3) -> Tensor:
    return torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("form", ["single-scale", "multi-scale"])
@pytest.mark.parametrize("pooling", ["average", "gem"])
@pytest.mark.parametrize("backbone", ["test_resnet", "mobilenetv3_small_050", "test_convnext"])
def test_any_form_gives_unit_vectors_and_learns(backbone: str, form: str, pooling: str) -> None:
    built = network(4, backbone=backbone, form=form, pooling=pooling, dimension=16, batch_norm=True)
    vectors, logits = built.embed_and_classify(pixels())
    assert vectors.shape == (3, 16)
    assert vectors.dtype == torch.float32
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))
    assert logits is not None
    assert logits.shape == (3, 4)
    (vectors[0] @ vectors[1] + logits.logsumexp(dim=1).sum()).backward()
    without = [name for name, each in built.named_parameters() if each.grad is None]
    assert without == []


def test_a_single_scale_without_neck_is_the_backbone_made_unit() -> None:
    built = network().eval()
    alone = built.features(pixels())
    assert built.dimension == alone.shape[1]
    torch.testing.assert_close(built(pixels()), alone / alone.norm(dim=1, keepdim=True))
    assert built.embed_and_classify(pixels())[1] is None


def test_a_transformer_can_be_multi_scale_but_has_no_map_for_gem() -> None:
    tiny = {"backbone": "test_vit", "input_size": 64}
    built = network(**tiny, form="multi-scale", dimension=8)
    assert built(pixels()).shape == (3, 8)
    with pytest.raises(SettingsInvalid, match="test_vit does not end in one average"):
        network(**tiny, pooling="gem")


def test_parts_of_the_multi_scale_form_weigh_as_their_squared_gains() -> None:
    built = network(form="multi-scale").eval()
    features = built.features
    assert isinstance(features, MultiScaleFeatures)
    first, second = features(pixels(2))
    gains = features.gains.detach()
    widths = [96, 32, 48, 192, 1536, 1536]  # the tower, strides 4, 8 and 16, two branches
    parts = zip(first.split(widths), second.split(widths), strict=True)
    cosines = torch.stack([torch.cosine_similarity(a, b, dim=0) for a, b in parts])
    expected = (gains**2 * cosines).sum() / (gains**2).sum()
    vectors = built(pixels(2))
    torch.testing.assert_close(vectors[0] @ vectors[1], expected)


def test_the_multi_scale_form_sees_stripes_that_the_deep_tower_cannot() -> None:
    """Fine stripes of two spacings, and a deep tower that is blind."""
    built = network(form="multi-scale").eval()
    features = built.features
    assert isinstance(features, MultiScaleFeatures)
    columns = torch.arange(64)
    narrow, wide = ((columns // width % 2).float().expand(1, 3, 64, 64) for width in (1, 2))
    with torch.no_grad():
        features.gains[0] = 0.0
        alike = (built(narrow) * built(narrow)).sum()
        other = (built(narrow) * built(wide)).sum()
    assert alike > 0.9999
    assert other < 0.95


class TestPartialFineTuning:
    def test_only_the_last_stages_learn(self) -> None:
        built = network(trainable=0.4)  # two of five
        learning = {
            name.split(".")[1] for name, each in built.named_parameters() if each.requires_grad
        }
        assert learning == {"layer3", "layer4"}

    def test_stages_by_number(self) -> None:
        built = network(trainable=(0, -1))
        learning = {
            name.split(".")[1] for name, each in built.named_parameters() if each.requires_grad
        }
        assert learning == {"conv1", "bn1", "layer4"}
        with pytest.raises(SettingsInvalid, match="test_resnet has 5 stages, 0 to 4"):
            network(trainable=(5,))

    @pytest.mark.parametrize("statistics", ["frozen", "learnt"])
    def test_frozen_stages_keep_their_statistics(self, statistics: str) -> None:
        built = network(trainable=0.4, backbone_statistics=statistics, batch_norm=True)
        before = {
            name: value.clone()
            for name, value in built.named_buffers()
            if name.endswith("running_mean")
        }
        built.train()(pixels())
        moved = {
            name
            for name, value in built.named_buffers()
            if name in before and not torch.equal(value, before[name])
        }
        expected = {"layer3", "layer4"} if statistics == "learnt" else set()
        assert {name.split(".")[1] for name in moved if name.startswith("features")} == expected
        assert "neck.0.running_mean" in moved

    def test_a_step_moves_the_backbone_less_and_the_frozen_not_at_all(self) -> None:
        built = network(trainable=0.4, dimension=8)
        groups = built.parameter_groups(0.1, 0.01)
        assert [(each["name"], each["lr"]) for each in groups] == [
            ("backbone", 0.001),
            ("projection", 0.001),
        ]
        before = copy.deepcopy(built.state_dict())
        optimiser = torch.optim.SGD(groups)
        built(pixels())[:, 0].sum().backward()
        optimiser.step()
        moved = {
            name for name, each in built.named_parameters() if not torch.equal(each, before[name])
        }
        assert {".".join(name.split(".")[:2]) for name in moved} == {
            "features.layer3",
            "features.layer4",
            "neck.0",
        }

    def test_a_copy_knows_its_groups(self) -> None:
        """A running average of the weights is a copy."""
        built = copy.deepcopy(network(5, dimension=8, trainable=0.4))
        names = ["backbone", "projection", "new"]
        assert [each["name"] for each in built.parameter_groups(1.0, 0.1)] == names
        head = built.parameter_groups(1.0, 0.1)[-1]["params"]
        assert head == list(built.head.parameters())
        frozen = copy.deepcopy(network(dimension=8, trainable=0.0))
        assert [each["name"] for each in frozen.parameter_groups(1.0, 0.1)] == ["projection"]
        assert not any(
            each.training for each in frozen.features.modules() if isinstance(each, nn.BatchNorm2d)
        )


def test_weights_are_loaded_strictly(tmp_path: Path) -> None:
    first = network()
    torch.save(first.features.state_dict(), tmp_path / "weights.pth")
    again = network(random_weights=False, weights=tmp_path / "weights.pth")
    torch.testing.assert_close(again.eval()(pixels()), first.eval()(pixels()))
    with pytest.raises(WeightsUnavailable, match="holds weights of another network"):
        network(random_weights=False, weights=tmp_path / "weights.pth", backbone="resnet10t")


def test_wrong_wishes_are_refused() -> None:
    with pytest.raises(ValidationError, match="exclude each other"):
        NetworkSettings(backbone="test_resnet", weights=Path("w.pth"), random_weights=True)
    with pytest.raises(SettingsInvalid, match="input_size of at least 48, not 32"):
        network(form="multi-scale", input_size=32)


def test_settings_survive_json() -> None:
    settings = NetworkSettings(
        backbone="resnet18", weights=Path("w.pth"), trainable=(-1, -2), mean=(0.5, 0.5, 0.5)
    )
    assert NetworkSettings.model_validate_json(settings.model_dump_json()) == settings
