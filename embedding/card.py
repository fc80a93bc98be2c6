"""A model's card: what it is, where it comes from, and exactly how a picture becomes its input.

The card is the only source of preprocessing. Two models with equal `fingerprint` give equal
vectors; a vector index made under one fingerprint must never be searched under another.
"""

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    model_validator,
)

CARD_FORMAT = 1
"""Version of card.json that this code writes and the newest it reads."""

EMBEDDING_CODE_VERSION = 1
"""Raised when code outside the card (decoding, resizing, pooling of inputs) changes vectors."""

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
"""A model's name is also its folder's name, so it can neither hide nor climb."""

Kind = Literal["onnx", "classic"]
Fit = Literal["crop", "letterbox", "stretch"]
Interpolation = Literal["bicubic", "bilinear", "lanczos"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PerChannel = tuple[float, float, float]


class ModelCard(BaseModel):
    """What a model is. Immutable; refuses unknown fields and impossible values at birth.

    A picture becomes input as `(rgb / 255 - mean) / std`, RGB order, after `fit` has made it
    `input_size` x `input_size` pixels. `files` maps the model's files, beside the card, to the
    sha-256 of their content; it is empty for a model that is code only, which then names its
    version in `revision`. Raises pydantic's ValidationError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format_version: Annotated[int, Field(ge=1, le=CARD_FORMAT)] = CARD_FORMAT
    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=100)]
    kind: Kind
    description: str = ""
    licence: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    created_at: AwareDatetime
    dimension: Annotated[int, Field(ge=1, le=65_536)]
    """Length of the embedding."""
    input_size: Annotated[int, Field(ge=16, le=2048)]
    """Side of the square input, in pixels."""
    fit: Fit = "crop"
    """How a picture that is not square becomes square: `crop` scales the shorter side to
    `input_size / crop_fraction` and keeps the centre, `letterbox` pads with white, `stretch`
    changes the proportions."""
    crop_fraction: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Part of the shorter side that `crop` keeps; of no effect under the other fits."""
    interpolation: Interpolation = "bicubic"
    mean: PerChannel = (0.0, 0.0, 0.0)
    """Of RGB in 0..1."""
    std: PerChannel = (1.0, 1.0, 1.0)
    """Of RGB in 0..1, each above 0."""
    threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.80
    """Similarity, (cosine + 1) / 2, from which two pictures count as similar (S4: 0.80)."""
    verified_cosine: Annotated[float, Field(ge=-1.0, le=1.0)] | None = None
    """Lowest cosine between the stored model and the network it was exported from, over the
    pictures of the export's check; None when it was not exported here."""
    revision: str = ""
    """Version of the code, for models that are code rather than files."""
    files: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")], Sha256] = {}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits over everything that changes a vector, and nothing else."""
        decisive = {
            "code": EMBEDDING_CODE_VERSION,
            "kind": self.kind,
            "revision": self.revision,
            "files": self.files,
            "dimension": self.dimension,
            "input_size": self.input_size,
            "fit": self.fit,
            "crop_fraction": self.crop_fraction if self.fit == "crop" else None,
            "interpolation": self.interpolation,
            "mean": self.mean,
            "std": self.std,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    @model_validator(mode="before")
    @classmethod
    def _forget_the_stored_fingerprint(cls, fields: Any) -> Any:
        """card.json shows the fingerprint to its reader, but only a recomputed one is believed."""
        if isinstance(fields, dict):
            return {key: value for key, value in fields.items() if key != "fingerprint"}
        return fields

    @model_validator(mode="after")
    def _check_parts_agree(self) -> Self:
        if min(self.std) <= 0.0:
            raise ValueError("std must be above 0 in every channel")
        if self.kind == "onnx" and "model.onnx" not in self.files:
            raise ValueError("files must hold the sha-256 of model.onnx")
        if self.kind == "classic" and not self.revision:
            raise ValueError("a model without files must name its revision")
        return self


def card_json(card: ModelCard) -> str:
    """The text of card.json: indented, one trailing newline, fingerprint included."""
    return card.model_dump_json(indent=2) + "\n"
