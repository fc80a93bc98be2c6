"""Networks worth choosing from by a short name, before any of them is installed.

Importable without torch or timm: the service lists these names and, for one that is not
installed, tells the command that adds it. Any other timm image backbone can be added by its timm
name; these are only the ones somebody has a reason to ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Options = Mapping[str, object]


@dataclass(frozen=True)
class Backbone:
    """One network and the pretrained weights meant by its short name.

    `licence` is the weights' own, as timm records it; the ones that are not open-source licences
    say so in `note`. `size` is the input side in pixels when timm's own choice is too slow for a
    search; `arguments` go to timm as they are.
    """

    name: str
    timm_name: str
    family: str
    licence: str
    note: str
    size: int | None = None
    arguments: Options = field(default_factory=lambda: MappingProxyType({}))


# A CLIP network's embedding is what its projection gives, so the projection is kept.
_PROJECTED: Options = MappingProxyType({"num_classes": 512})

_S4_MODELS = (
    Backbone("resnet18", "resnet18.a1_in1k", "ResNet", "apache-2.0", "small and quick; S4 kept it"),
    Backbone("resnet50", "resnet50.a1_in1k", "ResNet", "apache-2.0", "the usual yardstick"),
    Backbone("resnet101", "resnet101.a1h_in1k", "ResNet", "apache-2.0", "slower, little better"),
    Backbone(
        "efficientnet_b0",
        "efficientnet_b0.ra_in1k",
        "EfficientNet",
        "apache-2.0",
        "good for its size; S4 kept it",
    ),
    Backbone("mobilenet_v2", "mobilenetv2_100.ra_in1k", "MobileNet", "apache-2.0", "S4's quickest"),
    Backbone("vgg16", "vgg16.tv_in1k", "VGG", "bsd-3-clause", "large and slow; for comparison"),
    Backbone(
        "convnext_tiny",
        "convnext_tiny.in12k_ft_in1k",
        "ConvNeXt",
        "apache-2.0",
        "the best S4 kept",
    ),
    Backbone(
        "convnext_base",
        "convnext_base.fb_in22k_ft_in1k",
        "ConvNeXt",
        "apache-2.0",
        "S4's slowest; for machines with many cores",
    ),
    Backbone("cspdarknet53", "cspdarknet53.ra_in1k", "CSPNet", "apache-2.0", "S4 tried it"),
)

_TODAYS_BEST = (
    Backbone(
        "dinov2_small",
        "vit_small_patch14_dinov2.lvd142m",
        "DINOv2",
        "apache-2.0",
        "learnt without labels: fine detail, instance retrieval",
        size=224,
    ),
    Backbone(
        "dinov2_base",
        "vit_base_patch14_dinov2.lvd142m",
        "DINOv2",
        "apache-2.0",
        "as dinov2_small, better and four times slower",
        size=224,
    ),
    Backbone(
        "dinov3_small",
        "vit_small_patch16_dinov3.lvd1689m",
        "DINOv3",
        "dinov3-license",
        "successor of DINOv2; Meta's own licence, read it before selling with it",
    ),
    Backbone(
        "dinov3_convnext_tiny",
        "convnext_tiny.dinov3_lvd1689m",
        "DINOv3",
        "dinov3-license",
        "DINOv3 in a convolutional network; Meta's own licence",
    ),
    Backbone(
        "siglip2_base",
        "vit_base_patch16_siglip_224.v2_webli",
        "SigLIP 2",
        "apache-2.0",
        "learnt from captions: what a thing is called, across styles",
    ),
    Backbone(
        "clip_base",
        "vit_base_patch16_clip_224.openai",
        "CLIP",
        "apache-2.0",
        "the first of its kind; for comparison",
        arguments=_PROJECTED,
    ),
    Backbone(
        "mobileclip2_s0",
        "fastvit_mci0.apple_mclip2_dfndr2b",
        "MobileCLIP 2",
        "apple-amlr",
        "CLIP at a phone's cost; Apple's licence is for research only",
        arguments=_PROJECTED,
    ),
    Backbone(
        "mobileclip2_s2",
        "fastvit_mci2.apple_mclip2_dfndr2b",
        "MobileCLIP 2",
        "apple-amlr",
        "as mobileclip2_s0, larger; Apple's licence is for research only",
        arguments=_PROJECTED,
    ),
    Backbone(
        "mobilenetv4_small",
        "mobilenetv4_conv_small.e2400_r224_in1k",
        "MobileNet",
        "apache-2.0",
        "the quickest here",
    ),
    Backbone(
        "mobilenetv4_medium",
        "mobilenetv4_conv_medium.e500_r256_in1k",
        "MobileNet",
        "apache-2.0",
        "accuracy of ResNet-50 at a fraction of its time",
    ),
    Backbone(
        "mobilenetv3_large",
        "mobilenetv3_large_100.ra_in1k",
        "MobileNet",
        "apache-2.0",
        "quick on any processor",
    ),
    Backbone(
        "mobilenet_edgetpu",
        "mobilenet_edgetpu_100",
        "MobileNet",
        "apache-2.0",
        "timm publishes no weights: needs --weights FILE",
    ),
)

KNOWN: Mapping[str, Backbone] = MappingProxyType(
    {backbone.name: backbone for backbone in (*_S4_MODELS, *_TODAYS_BEST)}
)
"""Short name -> backbone; the models of S4 first, then a short list of today's for products."""


def install_command(name: str) -> str:
    """The command that adds the backbone of that name to the store."""
    return f"likeness models add {name}"
