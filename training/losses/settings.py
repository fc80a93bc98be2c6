"""Which loss, and its parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LossName = Literal[
    "contrastive",
    "triplet",
    "angular",
    "robust-contrastive",
    "multi-similarity",
    "proxy-anchor",
    "normalised-softmax",
    "multi-task",
    "cosine-distillation",
    "relational-distillation",
]

DEFAULTS: Mapping[LossName, Mapping[str, float]] = MappingProxyType(
    {
        "contrastive": {"margin": 1.0},
        "triplet": {"gap": 0.2},
        "angular": {"degrees": 40.0},
        "robust-contrastive": {"margin": 1.0, "limit": 1.1},
        "multi-similarity": {"alpha": 2.0, "beta": 50.0, "base": 0.5},
        "proxy-anchor": {"margin": 0.1, "alpha": 32.0},
        "normalised-softmax": {"temperature": 0.05},
        "multi-task": {
            "margin": 1.0,
            "limit": 1.1,
            "recognition_weight": 0.1,
        },
        "cosine-distillation": {},
        "relational-distillation": {"distance_weight": 1.0, "angle_weight": 2.0},
    }
)
"""Every loss with the parameters it takes; what each means is told where the loss is."""


class LossSettings(BaseModel):
    """A loss by name; `parameters` replace its DEFAULTS one by one.

    Raises ValidationError for a parameter that the loss does not have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: LossName
    parameters: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parameters_of_this_loss(self) -> Self:
        known = DEFAULTS[self.name]
        for parameter in self.parameters:
            if parameter not in known:
                raise ValueError(
                    f"the loss {self.name} has no parameter {parameter!r}; "
                    f"it has {', '.join(known) or 'none'}"
                )
        return self

    @property
    def all_parameters(self) -> Mapping[str, float]:
        return {**DEFAULTS[self.name], **self.parameters}
