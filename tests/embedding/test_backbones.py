import pytest

from embedding.backbones import KNOWN, install_command
from embedding.model_names import check_name

S4_MODELS = [
    "resnet18",
    "resnet50",
    "resnet101",
    "efficientnet_b0",
    "mobilenet_v2",
    "vgg16",
    "convnext_tiny",
    "convnext_base",
    "cspdarknet53",
]


class TestKnown:
    def test_begins_with_the_models_of_s4(self) -> None:
        assert list(KNOWN)[: len(S4_MODELS)] == S4_MODELS

    def test_names_can_be_names_of_a_store(self) -> None:
        for name in KNOWN:
            check_name(name)
            assert install_command(name) == f"likeness models add {name}"

    def test_is_what_the_installed_timm_has(self) -> None:
        timm = pytest.importorskip("timm", reason="timm is in the optional extra `models`")
        for backbone in KNOWN.values():
            pretrained = timm.get_pretrained_cfg(backbone.timm_name)
            assert pretrained is not None, backbone.timm_name
            assert pretrained.license == backbone.licence
            if backbone.name != "mobilenet_edgetpu":
                assert pretrained.has_weights, backbone.timm_name
            if "num_classes" in backbone.arguments:
                assert pretrained.num_classes == backbone.arguments["num_classes"]
