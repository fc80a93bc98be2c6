"""Everything a person may choose about a training, read from YAML and overridden by flags."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from training.data.settings import AugmentationSettings, DataSettings
from training.errors import SettingsInvalid
from training.losses.settings import LossSettings
from training.mining.settings import MiningSettings
from training.networks.settings import NetworkSettings
from training.settings_problems import problems
from training.yaml_file import read_yaml

_DISTILLING = ("cosine-distillation", "relational-distillation")
_WITHOUT_PAIRS = ("proxy-anchor", "normalised-softmax")
_PATHS = (("network", "weights"), ("judgements", "file"))


class BatchSettings(BaseModel):
    """products: how many a batch holds; pictures: how many of each of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    products: Annotated[int, Field(ge=2)] = 16
    pictures: Annotated[int, Field(ge=2)] = 4


class OptimiserSettings(BaseModel):
    """AdamW (Loshchilov & Hutter 2019), its rate rising at first and then falling along a cosine.

    lr: the highest rate, of what starts from nothing; the backbone's is `backbone_factor` of it
    warm_up: share of the training in which the rate rises
    clip_norm: the greatest length of the gradient of all parameters
    averaging: decay of the moving average of the weights, which is what is exported; 0 exports
        the weights of the last step
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    lr: Annotated[float, Field(gt=0.0)] = 1e-3
    backbone_factor: Annotated[float, Field(ge=0.0)] = 0.1
    weight_decay: Annotated[float, Field(ge=0.0)] = 1e-4
    warm_up: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.05
    clip_norm: Annotated[float, Field(gt=0.0)] = 1.0
    averaging: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.99


class BudgetSettings(BaseModel):
    """Training ends with whatever comes first.

    epochs: passes over the products
    minutes: of wall time, those before an interruption included; None: no limit
    patience: epochs in a row without a better validation recall@1, whose best weights are kept.
        None: validation only watches, and the last weights are kept; right where it holds so few
        products that its best epoch is one of chance
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    epochs: Annotated[int, Field(ge=1)] = 40
    minutes: Annotated[float, Field(gt=0.0)] | None = None
    patience: Annotated[int, Field(ge=1)] | None = 8


class TeacherSettings(BaseModel):
    """An installed model whose embeddings of the same pictures are learnt from besides.

    share: of its loss in the whole; at 1 labels only choose the batches
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str
    loss: LossSettings = LossSettings(name="relational-distillation")
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5

    @model_validator(mode="after")
    def _distils(self) -> Self:
        if self.loss.name not in _DISTILLING:
            raise ValueError(f"a teacher's loss is one of {', '.join(_DISTILLING)}")
        return self


class JudgementSettings(BaseModel):
    """Relative judgements, learnt from besides the labels (S1's triplets).

    file: a CSV `query,closer,farther`
    triplets: how many of them join each batch
    gap: by how much the farther one is to lie farther
    weight: of their loss, beside the other one
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    file: Path
    triplets: Annotated[int, Field(ge=1)] = 8
    gap: Annotated[float, Field(gt=0.0, le=2.0)] = 0.2
    weight: Annotated[float, Field(gt=0.0)] = 1.0


class TrainingSettings(BaseModel):
    """Immutable; refuses unknown keys and impossible values at birth.

    sources: catalogues' CSVs and folders of classes; none: the collection
    device: auto takes a graphics card where there is one
    precision: auto is bf16 on a graphics card and fp32 elsewhere
    threads: of the processor; 0: all
    seed: of weights, splits, batches and changes
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sources: tuple[Path, ...] = ()
    collection: str | None = None
    network: NetworkSettings
    loss: LossSettings = LossSettings(name="multi-similarity")
    mining: MiningSettings = MiningSettings()
    judgements: JudgementSettings | None = None
    teacher: TeacherSettings | None = None
    data: DataSettings = DataSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    batches: BatchSettings = BatchSettings()
    optimiser: OptimiserSettings = OptimiserSettings()
    budget: BudgetSettings = BudgetSettings()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if self.loss.name in _DISTILLING:
            raise ValueError(
                f"{self.loss.name} needs a teacher: name an installed model in teacher.model, and "
                "this loss in teacher.loss; teacher.share: 1 learns from it alone"
            )
        if self.loss.name in _WITHOUT_PAIRS and self.mining != MiningSettings():
            raise ValueError(
                f"{self.loss.name} compares pictures with proxies of products, not with each "
                "other: leave mining away"
            )
        if self.sources and self.collection is not None:
            raise ValueError("name sources or a collection, not both")
        return self

    @classmethod
    def read(cls, path: Path | None, overrides: Mapping[str, object]) -> Self:
        """The file's settings (its relative paths are meant from its folder), and what replaces
        them: `network.backbone` -> value. None is a value, as in `budget.patience: null`.

        Raises SettingsInvalid, which names the key and what it takes.
        """
        told = {} if path is None else _told_in(path)
        for key, value in overrides.items():
            _put(told, key.split("."), _absolute(key, value))
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            where = "The settings" if path is None else str(path)
            raise SettingsInvalid(
                f"{where} cannot be followed: {problems(cls, error.errors())}."
            ) from error

    def decisive(self) -> str:
        """As JSON, what decides a step besides the pictures: not how long training goes on, nor on
        how many threads, nor where the pictures lie."""
        return self.model_dump_json(
            exclude={
                "sources": True,
                "collection": True,
                "judgements": {"file"},
                "budget": True,
                "threads": True,
            }
        )

    def as_yaml(self) -> str:
        """What `read` reads: every setting, the ones that were not given too."""
        text: str = yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)
        return text


def _told_in(path: Path) -> dict[str, Any]:
    told = read_yaml(path)
    folder = path.parent.absolute()
    if isinstance(sources := told.get("sources"), list):
        told["sources"] = [folder / each if isinstance(each, str) else each for each in sources]
    for section, key in _PATHS:
        inner = told.get(section)
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            inner[key] = folder / inner[key]
    return told


def _absolute(key: str, value: object) -> object:
    """Paths given on the command line are meant from where that was."""
    if isinstance(value, list):
        return [_absolute(key, each) for each in value]
    if isinstance(value, Path) or (isinstance(value, str) and tuple(key.split(".")) in _PATHS):
        return Path(value).absolute()
    return value


def _put(told: dict[str, Any], keys: Sequence[str], value: object) -> None:
    *outer, last = keys
    for key in outer:
        inner = told.get(key)
        told = told.setdefault(key, {}) if isinstance(inner, dict) or inner is None else {}
    told[last] = value
