"""What was found of an int8 network when it was made, as its model's card tells it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Int8Measured(BaseModel):
    """What the int8 network was found to be when it was made, whether it serves or not."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    mean_cosine: Annotated[float, Field(ge=-1.0, le=1.0)]
    """Between a picture's int8 and fp32 vectors, the mean over the pictures measured on."""
    recall_at_10: Annotated[float, Field(ge=0.0, le=1.0)]
    """Part of a picture's 10 nearest neighbours under fp32 that int8 finds among its own 10
    nearest, in the mean over the pictures measured on, which are queries and gallery alike."""
    speed_up: Annotated[float, Field(gt=0.0)]
    """Time of one picture alone under fp32 through that under int8, on the machine that made it."""
    calibrated_on: Annotated[int, Field(ge=1)]
    """Pictures it was fitted to: ranges of values, and layers kept in floating point."""
    measured_on: Annotated[int, Field(ge=1)]
    """Pictures that were compared, none of them calibrated on."""
    float_layers: tuple[str, ...] = ()
    """Layers kept in floating point, because int8 in them cost too much agreement."""
    forced: bool = False
    """Whether it was asked to serve whatever the figures say."""
