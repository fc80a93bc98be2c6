"""What a person may choose about pictures to learn from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from embedding.card import Fit
from embedding.preprocessing import DEFAULT_FIT
from evaluation.robustness.transforms import TRANSFORMS

Share = Annotated[float, Field(gt=0.0, lt=1.0)]
Chance = Annotated[float, Field(ge=0.0, le=1.0)]


class DataSettings(BaseModel):
    """Which pictures are alike, and which are kept aside.

    label: the column in which alike pictures agree; None, and for a source without it: product_id,
        class or category
    split_by: a column coarser than the label, of which nothing may lie on both sides of a split
    validation: share of the products by which training is judged while it runs, and stopped
    held_out: share of the products that is looked at once, after the end
    fit: how pictures become square, in training and in the exported model's card
    detail: side of the pictures that are kept decoded, as a multiple of the network's input size;
        above 1, what is cut out of them in training is not blurred by being enlarged
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    label: str | None = None
    split_by: str | None = None
    validation: Share = 0.15
    held_out: Share = 0.15
    fit: Fit = DEFAULT_FIT
    detail: Annotated[float, Field(ge=1.0, le=4.0)] = 1.15


STRENGTHS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "horizontal-flip": (0.0, 1.0),
        "rotation": (0.0, 180.0),
        "resized-crop": (0.0, 0.95),
        "brightness": (0.0, 1.0),
        "affine": (0.0, 3.0),
        "hue": (0.0, 0.5),
        "saturation": (0.0, 1.0),
        "perspective": (0.0, 0.95),
        "jpeg": (1.0, 100.0),
        "blur": (0.0, 0.1),
        "crop": (0.0, 0.95),
        "occlusion": (0.0, 0.95),
        "background": (0.0, 2.0),
    }
)
"""Change -> the least and the most strength: beyond it nothing is left of the picture, or nothing
is meant."""


class ChangeSettings(BaseModel):
    """One kind of change: how many of the pictures get it, and how much of it.

    A strength is drawn evenly from the `strength` range for each picture, in the unit that
    `likeness robustness` gives for it; the least comes first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    chance: Chance
    strength: tuple[float, float]


USUAL_CHANGES: Mapping[str, ChangeSettings] = MappingProxyType(
    {
        "resized-crop": ChangeSettings(chance=1.0, strength=(0.0, 0.4)),
        "horizontal-flip": ChangeSettings(chance=0.5, strength=(1.0, 1.0)),
        "rotation": ChangeSettings(chance=0.3, strength=(0.0, 10.0)),
        "perspective": ChangeSettings(chance=0.2, strength=(0.0, 0.25)),
        "brightness": ChangeSettings(chance=0.3, strength=(0.0, 0.15)),
    }
)
"""Mild, and none that changes hue or saturation: two shades of a shirt are two products."""


class AugmentationSettings(BaseModel):
    """Changes of pictures by the names that `likeness robustness` has for them (S4's and more).

    `changes` replace or join the USUAL_CHANGES one by one; a chance of 0 takes one away.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    changes: dict[str, ChangeSettings] = Field(default_factory=dict)

    @field_validator("changes")
    @classmethod
    def _known(cls, changes: dict[str, ChangeSettings]) -> dict[str, ChangeSettings]:
        for name in changes:
            if name not in TRANSFORMS:
                raise ValueError(f"there is no change {name!r}; there are {', '.join(TRANSFORMS)}")
            low, high = STRENGTHS[name]
            weakest, strongest = changes[name].strength
            if not low <= weakest <= strongest <= high:
                raise ValueError(
                    f"the strength of {name} goes from {low:g} to {high:g}, the lesser number "
                    f"first; [{weakest:g}, {strongest:g}] does not"
                )
        return changes

    @property
    def all_changes(self) -> Mapping[str, ChangeSettings]:
        return {**USUAL_CHANGES, **self.changes}
