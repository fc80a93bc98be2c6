"""What a person may say about how a backbone becomes a stored model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedding.card import Fit, PerChannel
from embedding.preprocessing import DEFAULT_FIT


@dataclass(frozen=True)
class ExportOptions:
    """How to build, feed and label a network. The defaults are timm's own for its weights.

    weights: a .safetensors or PyTorch checkpoint, instead of the model hub
    random_weights: no weights at all, for trials of speed; its vectors mean little
    size: side of the square input in pixels
    mean, std: of RGB in 0..1, when the weights were trained with others than timm's
    arguments: given to timm.create_model as they are, e.g. {"pad_type": "same"}
    identities: dotted paths of layers to replace by identity, for weights of a network that
        lacks them, e.g. "blocks.0.0.bn1.act"
    licence: of the weights, when they come from a file

    Raises ValueError for both a file and random weights.
    """

    weights: Path | None = None
    random_weights: bool = False
    size: int | None = None
    fit: Fit = DEFAULT_FIT
    mean: PerChannel | None = None
    std: PerChannel | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)
    identities: tuple[str, ...] = ()
    licence: str | None = None

    def __post_init__(self) -> None:
        if self.weights is not None and self.random_weights:
            raise ValueError("weights from a file and random weights exclude each other")
