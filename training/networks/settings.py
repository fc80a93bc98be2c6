"""What a person may choose about a network to be trained."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from embedding.card import PerChannel
from embedding.per_channel import per_channel

Form = Literal["single-scale", "multi-scale"]
Pooling = Literal["average", "gem"]


class NetworkSettings(BaseModel):
    """How to build an `EmbeddingNetwork`.

    backbone: a short name of `embedding.backbones.KNOWN`, or any timm name
    weights: a .safetensors or PyTorch checkpoint of the backbone, instead of the model hub
    random_weights: start from nothing, for trials
    arguments: given to timm.create_model as they are, e.g. {"pad_type": "same"}
    identities: dotted paths of layers to replace by identity, e.g. "blocks.0.0.bn1.act"
    mean, std: of RGB in 0..1, one number or three, where the weights were trained with others than
        timm says
    form: the backbone alone, or joined by its lower-level features and shallow branches (S1, S3)
    pooling: how a feature map becomes a vector
    dimension: length of the vectors, by a learnt projection; None keeps the features' own
    projection: what it starts from. Whitened is the linear head's within-class whitening, learnt
        from the training's pictures; orthonormal knows nothing, and keeps angles as it can
    batch_norm: normalise the vectors over the batch before they get unit length
    input_size: side of the square input in pixels; None is the backbone's own choice
    trainable: what of the backbone is trained. A share counts stages from the output (0.25 of
        eight stages: the last two; 0: none; 1: all); a tuple names stages, 0 the first, -1 the last
    backbone_statistics: whether batch normalisation in the backbone keeps the means and variances
        of its weights. Frozen is right for small batches, and the only choice for weights whose
        normalisation was folded into the convolutions; learnt is for random weights
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    backbone: str
    weights: Path | None = None
    random_weights: bool = False
    arguments: dict[str, str | int | float | bool | list[int]] = Field(default_factory=dict)
    identities: tuple[str, ...] = ()
    mean: PerChannel | None = None
    std: PerChannel | None = None
    form: Form = "single-scale"
    pooling: Pooling = "average"
    dimension: Annotated[int, Field(ge=2)] | None = None
    projection: Literal["whitened", "orthonormal"] = "whitened"
    batch_norm: bool = False
    input_size: Annotated[int, Field(ge=32)] | None = None
    trainable: Annotated[float, Field(ge=0.0, le=1.0)] | tuple[int, ...] = 1.0
    backbone_statistics: Literal["frozen", "learnt"] = "frozen"

    @field_validator("mean", "std", mode="before")
    @classmethod
    def _one_number_or_three(cls, told: object, info: ValidationInfo) -> PerChannel | None:
        numbers = None if told is None else per_channel(told)
        if numbers is not None and info.field_name == "std" and min(numbers) <= 0.0:
            raise ValueError(f"takes numbers above 0, not {str(told)[:80]!r}")
        return numbers

    @model_validator(mode="after")
    def _weights_from_one_place(self) -> Self:
        if self.weights is not None and self.random_weights:
            raise ValueError("weights from a file and random weights exclude each other")
        return self
