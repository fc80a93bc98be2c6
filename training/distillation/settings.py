"""Everything a person may choose about a distillation, read from YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from training.data.settings import Chance, Share
from training.errors import SettingsInvalid
from training.networks.settings import NetworkSettings
from training.settings import OptimiserSettings
from training.settings_problems import problems
from training.yaml_file import read_yaml

_Model = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SourceSettings(BaseModel):
    """One catalogue to learn from.

    catalogue: its CSV, or a folder with a sub-folder for each product
    licence: of its pictures, for the card of the model that learns from them
    alike: the column in which pictures agree that should be found by each other; None: no label is
        looked at
    together: the column of which nothing may lie on both sides of the split; None: pictures are
        dealt one by one
    cuts: views of each of its pictures besides the whole one; None: views.cuts. More of a small
        source, so that it is not lost among the others
    """

    model_config = _Model

    catalogue: Path
    licence: str
    alike: str | None = None
    together: str | None = None
    cuts: Annotated[int, Field(ge=0, le=100)] | None = None


class ViewSettings(BaseModel):
    """How often, and how, each picture is shown to the teachers.

    cuts: views besides the whole picture
    area: share of the picture that a cut shows, drawn evenly
    stretch: its proportions are drawn from 1/stretch to stretch
    colour_chance: of how many cuts the colours are changed
    colour: by how much at most: brightness, contrast and saturation each by a factor 1 -+ this
    side: of the square that the student is shown, in pixels
    """

    model_config = _Model

    cuts: Annotated[int, Field(ge=0, le=100)] = 4
    area: tuple[Share | Literal[1], Share | Literal[1]] = (0.25, 1)
    stretch: Annotated[float, Field(ge=1.0, le=3.0)] = 1.33
    colour_chance: Chance = 0.5
    colour: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.3
    side: Annotated[int, Field(ge=32, le=512)] = 128


class TeachingSettings(BaseModel):
    """Who teaches, and what of their knowledge.

    models: installed convolutional networks, joined side by side
    dimension: numbers that are left of their vectors, and length of the student's
    shrinkage: of the whitening within products that chooses them; 1: no product is looked at
    """

    model_config = _Model

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    dimension: Annotated[int, Field(ge=2)] = 256
    shrinkage: Annotated[float, Field(gt=0.0, le=1.0)] = 0.6


class LossSettings(BaseModel):
    """Weights of what the student is judged by.

    places: squared error at each place, over what the teachers' maps vary by
    whole: 1 - cosine of the mean over places
    relations: squared error of the cosines between the pictures of a batch
    """

    model_config = _Model

    places: Annotated[float, Field(ge=0.0)] = 0.5
    whole: Annotated[float, Field(ge=0.0)] = 1.0
    relations: Annotated[float, Field(ge=0.0)] = 5.0


class PhaseSettings(BaseModel):
    """A share of the training at one side in pixels: small pictures first teach as much a minute as
    large ones (progressive resizing)."""

    model_config = _Model

    side: Annotated[int, Field(ge=32, le=512)]
    share: Annotated[float, Field(gt=0.0, le=1.0)]


class DistillationSettings(BaseModel):
    """Immutable; refuses unknown keys and impossible values at birth.

    held_out: share of the labels of `together` (of pictures, without one) that nothing is learnt
        from, in each source
    licence: of the model's weights
    input_size: side of the square that the model takes, in pixels; None: that of the last phase
    epochs: passes over all views
    minutes: of wall time, those before an interruption included; training ends with whichever of
        the two comes first. None: no limit
    """

    model_config = _Model

    sources: Annotated[tuple[SourceSettings, ...], Field(min_length=1)]
    network: NetworkSettings
    teaching: TeachingSettings
    views: ViewSettings = ViewSettings()
    loss: LossSettings = LossSettings()
    phases: Annotated[tuple[PhaseSettings, ...], Field(min_length=1)]
    optimiser: OptimiserSettings = OptimiserSettings()
    batch: Annotated[int, Field(ge=4)] = 64
    licence: str
    input_size: Annotated[int, Field(ge=32, le=512)] | None = None
    epochs: Annotated[int, Field(ge=1)] = 30
    minutes: Annotated[float, Field(gt=0.0)] | None = None
    held_out: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.25
    seed: Annotated[int, Field(ge=0)] = 0
    threads: Annotated[int, Field(ge=0)] = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"

    @model_validator(mode="after")
    def _phases_fill_the_training(self) -> Self:
        if abs(sum(each.share for each in self.phases) - 1.0) > 1e-6:
            raise ValueError("the shares of the phases must add up to 1")
        if any(each.side > self.views.side for each in self.phases):
            raise ValueError("a phase cannot show more pixels than views.side")
        return self

    @model_validator(mode="after")
    def _starts_from_nothing(self) -> Self:
        if self.network.form != "single-scale" or self.network.dimension is not None:
            raise ValueError(
                "the network is single-scale and without a dimension: teaching.dimension is its"
            )
        return self

    @classmethod
    def read(cls, path: Path) -> Self:
        """Relative paths in the file are meant from its folder. Raises SettingsInvalid, which names
        the key and what it takes."""
        told = read_yaml(path)
        folder = path.parent.absolute()
        for each in _sources_of(told):
            if isinstance(catalogue := each.get("catalogue"), str):
                each["catalogue"] = folder / catalogue
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            raise SettingsInvalid(
                f"{path} cannot be followed: {problems(cls, error.errors())}."
            ) from error

    @property
    def cuts(self) -> tuple[int, ...]:
        """Of each source."""
        return tuple(self.views.cuts if each.cuts is None else each.cuts for each in self.sources)

    @property
    def side(self) -> int:
        """Of the square that the model takes, in pixels."""
        return self.input_size or self.phases[-1].side

    def decisive(self) -> str:
        """As JSON, what decides a step besides the pictures: not for how long, nor on how many
        threads, nor where the pictures lie."""
        return self.model_dump_json(
            exclude={
                "sources": True,
                "licence": True,
                "input_size": True,
                "epochs": True,
                "minutes": True,
                "threads": True,
            }
        )

    def as_yaml(self) -> str:
        """What `read` reads: every setting, the ones that were not given too."""
        text: str = yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)
        return text


def _sources_of(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    sources = told.get("sources")
    return [each for each in sources if isinstance(each, dict)] if isinstance(sources, list) else []
