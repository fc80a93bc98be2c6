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

from embedding.int8_measured import Int8Measured
from embedding.linear_head.learnt import HeadLearnt
from embedding.match_probability import Calibration
from embedding.network_distilled import NetworkDistilled
from embedding.network_trained import NetworkTrained
from embedding.weights_chosen import WeightsChosen

CARD_FORMAT = 6
"""Version of card.json that this code writes and the newest it reads. 2 added the precision, 3
the parts of fused models, 4 the calibration of its scores, 5 linear heads
and networks trained further, 6 networks taught by others."""

EMBEDDING_CODE_VERSION = 1
"""Raised when code outside the card (decoding, resizing, pooling of inputs) changes vectors."""

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
"""A model's name is also its folder's name, so it can neither hide nor climb."""

Kind = Literal["onnx", "classic", "fused", "linear"]
Fit = Literal["crop", "letterbox", "stretch"]
Interpolation = Literal["bicubic", "bilinear", "lanczos"]
Precision = Literal["fp32", "int8"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PerChannel = tuple[float, float, float]

FP32_FILE = "model.onnx"
INT8_FILES = ("model.int8.xml", "model.int8.bin")
"""OpenVINO's pair: the network, and its weights."""
HEAD_FILE = "head.npz"
BASE_FOLDER = "base"
"""Of a model with a linear head: what the vectors of its base are multiplied by, and the folder
with the files of that base."""


class FusedPart(BaseModel):
    """One part of a fused model: numbers `start` to `stop` of its vector, which are the part's own
    unit vector times the root of its weight."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(pattern=NAME_PATTERN, max_length=100)]
    weight: Annotated[float, Field(gt=0.0, le=1.0)]
    start: Annotated[int, Field(ge=0)]
    stop: Annotated[int, Field(ge=1)]
    model: "ModelCard | None" = None
    """The network it was made from, whose files lie in the folder `name`; None for a part of the
    classic descriptor, which is code."""


class LinearHead(BaseModel):
    """A learnt linear map behind another model: vector = unit((base's vector - mean) @ matrix)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    base: "ModelCard"
    """Whose vectors it takes, which may have a head itself; the files of that model lie in the
    folder BASE_FOLDER."""
    learnt: HeadLearnt | None = None
    """How it was learnt and what that gained; it changes no vector."""


class ModelCard(BaseModel):
    """What a model is. Immutable; refuses unknown fields and impossible values at birth.

    A picture becomes input as `(rgb / 255 - mean) / std`, RGB order, after `fit` has made it
    `input_size` x `input_size` pixels. `files` maps the model's files, beside the card, to the
    sha-256 of their content; it is empty for a model that is code only, which then names its
    version in `revision`. A fused model has `parts`, each with the card of its network, and no
    preprocessing or files of its own. A linear model has a `head` with the card of its base, and
    no preprocessing of its own. Raises pydantic's ValidationError.
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
    """Side of the square input, in pixels; of a fused model the largest of its parts'."""
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
    precision: Precision = "fp32"
    """Of the network that serves: `fp32` is model.onnx, `int8` the one quantised from it."""
    precision_reason: str = ""
    """Why this precision serves, in words; empty when nothing else was tried."""
    int8: Int8Measured | None = None
    """What was measured, when an int8 network was made."""
    revision: str = ""
    """Version of the code, for models that are code rather than files."""
    files: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")], Sha256] = {}
    parts: tuple[FusedPart, ...] = ()
    """Of a fused model, in the order of its vector; their weights add up to 1."""
    head: LinearHead | None = None
    """Of a linear model."""
    weights_chosen: WeightsChosen | None = None
    """How the weights of the parts were chosen, where a tuning chose them; it changes no vector."""
    trained: NetworkTrained | None = None
    """How the network was trained further, where it was; it changes no vector."""
    distilled: NetworkDistilled | None = None
    """Who taught the network from nothing, where others did; it changes no vector."""
    calibration: Calibration | None = None
    """What its scores mean, once that was measured; it changes no vector. Read it through
    `in_force`, which passes over one that was made of other vectors."""

    @property
    def serving_files(self) -> tuple[str, ...]:
        """The files that make the vectors, the network first. Under int8 the fp32 network lies
        beside them only as a source, and does not change a vector."""
        if self.precision == "int8":
            return INT8_FILES
        return tuple(sorted(self.files))

    @property
    def all_files(self) -> dict[str, str]:
        """Every file of the model's folder but the card: path within it -> sha-256."""
        nested = [_within(folder, card.all_files) for folder, card in self._nested]
        return {path: digest for files in (self.files, *nested) for path, digest in files.items()}

    @property
    def files_in_use(self) -> dict[str, str]:
        """Those of all files that make the vectors: path within the folder -> sha-256."""
        own = {path: self.files[path] for path in self.serving_files}
        nested = [_within(folder, card.files_in_use) for folder, card in self._nested]
        return {path: digest for files in (own, *nested) for path, digest in files.items()}

    @property
    def _nested(self) -> list[tuple[str, "ModelCard"]]:
        """The models this one is made of, each with the folder that its files lie in."""
        if self.head is not None:
            return [(BASE_FOLDER, self.head.base)]
        return [(part.name, part.model) for part in self.parts if part.model is not None]

    @property
    def networks(self) -> tuple["ModelCard", ...]:
        """The models that need no others, this one or those it is made of; a part that is code is
        none of them."""
        if not self.parts and self.head is None:
            return (self,)
        return tuple(network for _, card in self._nested for network in card.networks)

    @property
    def began_with(self) -> tuple[str, ...]:
        """Names of the models that a linear one was made of, one or more. A base of a network and
        of what was joined with it was never a model of its own."""
        assert self.head is not None  # no other is asked
        return tuple(each.name for each in self.networks) or (self.head.base.name,)

    @property
    def taught_by(self) -> tuple[str, ...]:
        """The sources of whatever of it was learnt here, head or network; empty if nothing was."""
        records = (self.head.learnt if self.head else None, self.trained)
        own = [source for each in records if each is not None for source in each.sources]
        own += [each.source for each in self.distilled.sources] if self.distilled else []
        nested = (source for _, card in self._nested for source in card.taught_by)
        return tuple(dict.fromkeys((*own, *nested)))

    @property
    def weights(self) -> dict[str, float]:
        """Part -> its share in the squared length of the vector; empty unless fused."""
        return {part.name: part.weight for part in self.parts}

    @property
    def in_force(self) -> Calibration | None:
        """The calibration, if there is one of this card's own vectors."""
        if self.calibration is None or self.calibration.fingerprint != self.fingerprint:
            return None
        return self.calibration

    @property
    def uncalibrated_because(self) -> str:
        """Why no calibration is in force, to be read after the model's name; empty if one is."""
        if self.calibration is None:
            return "is not calibrated"
        if self.in_force is None:
            return (
                f"has a calibration of other vectors ({self.calibration.fingerprint[:12]}… where "
                f"it has {self.fingerprint[:12]}…), which is ignored"
            )
        return ""

    def calibrated(self, calibration: Calibration | None) -> Self:
        """The same model with this calibration, or none."""
        return self.model_copy(update={"calibration": calibration, "format_version": CARD_FORMAT})

    def as_fp32(self) -> Self:
        """The card as it was before anything was quantised: only the fp32 network, serving."""
        fp32 = {name: digest for name, digest in self.files.items() if name not in INT8_FILES}
        untried = {"precision": "fp32", "precision_reason": "", "int8": None, "files": fp32}
        return self.model_copy(update=untried)

    def as_serving(self) -> Self:
        """The same model less the files that make no vector: where int8 serves, without the fp32
        network that it was made from."""
        changes: dict[str, object] = {
            "files": {path: self.files[path] for path in self.serving_files}
        }
        if self.head is not None:
            base = self.head.base.as_serving()
            changes["head"] = self.head.model_copy(update={"base": base})
        if self.parts:
            changes["parts"] = tuple(
                part.model_copy(update={"model": part.model and part.model.as_serving()})
                for part in self.parts
            )
        return self.model_copy(update=changes)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits over everything that changes a vector, and nothing else."""
        decisive: dict[str, Any] = {
            "code": EMBEDDING_CODE_VERSION,
            "kind": self.kind,
            "revision": self.revision,
            "files": {name: self.files[name] for name in self.serving_files},
            "dimension": self.dimension,
            "input_size": self.input_size,
            "fit": self.fit,
            "crop_fraction": self.crop_fraction if self.fit == "crop" else None,
            "interpolation": self.interpolation,
            "mean": self.mean,
            "std": self.std,
        }
        if self.parts:
            decisive["parts"] = [
                [part.model.fingerprint if part.model else part.name, part.weight]
                for part in self.parts
            ]
        if self.head is not None:
            decisive["base"] = self.head.base.fingerprint
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
        if (self.kind == "fused") != bool(self.parts):
            raise ValueError("a fused model has parts, and no other model has")
        if self.kind == "fused":
            self._check_parts()
        if (self.kind == "linear") != (self.head is not None):
            raise ValueError("a linear model has a head, and no other model has")
        if self.head is not None and (self.precision != "fp32" or set(self.files) != {HEAD_FILE}):
            raise ValueError(f"files of a linear model must be {HEAD_FILE} alone, in fp32")
        needed = INT8_FILES if self.precision == "int8" else (FP32_FILE,)
        for name in needed if self.kind == "onnx" else ():
            if name not in self.files:
                raise ValueError(f"files must hold the sha-256 of {name}")
        if self.precision == "int8" and self.int8 is None:
            raise ValueError("a model that serves in int8 must say what was measured")
        if self.kind != "onnx" and not self.revision:
            raise ValueError("a model that is code must name its revision")
        return self

    def _check_parts(self) -> None:
        """Slices must join to the whole vector, or a balance would weigh the wrong numbers."""
        starts = [part.start for part in self.parts]
        if starts != [0, *(part.stop for part in self.parts[:-1])]:
            raise ValueError("each part must start where the one before it stops, the first at 0")
        if self.parts[-1].stop != self.dimension:
            raise ValueError("the last part must stop at the dimension")
        if len(self.weights) != len(self.parts) or len(self.parts) < 2:
            raise ValueError("a fused model needs two or more parts of different names")
        if abs(sum(self.weights.values()) - 1.0) > 1e-6:
            raise ValueError("the weights of the parts must add up to 1")
        for part in self.parts:
            if part.model is None:
                continue
            if part.model.kind != "onnx" or part.model.dimension != part.stop - part.start:
                raise ValueError(f"the model of part {part.name} must be a network of its length")
        if self.precision != "fp32" or self.files:
            raise ValueError("a fused model's precision and files are those of its parts")


FusedPart.model_rebuild()
LinearHead.model_rebuild()


def _within(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": digest for path, digest in files.items()}


def card_json(card: ModelCard) -> str:
    """The text of card.json: indented, one trailing newline, fingerprint included."""
    return card.model_dump_json(indent=2) + "\n"
