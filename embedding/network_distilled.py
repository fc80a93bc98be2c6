"""How a network was taught from nothing by others, as its card tells it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_Model = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Teacher(BaseModel):
    """One of the networks whose answers were learnt; `licence` is that of its weights."""

    model_config = _Model

    name: str
    licence: str
    fingerprint: Sha256


class TaughtOn(BaseModel):
    """`pictures` of one source, as whoever taught called it; `licence` is theirs."""

    model_config = _Model

    source: str
    licence: str
    pictures: Count


class NetworkDistilled(BaseModel):
    """Who taught, on what, and for how long; it changes no vector."""

    model_config = _Model

    teachers: tuple[Teacher, ...] = Field(min_length=1)
    sources: tuple[TaughtOn, ...] = Field(min_length=1)
    views: Count
    """Of all pictures, that the teachers were asked about."""
    settings_sha256: Sha256
    """Of the YAML of all settings."""
    seed: int
    steps: Count
    minutes: Annotated[float, Field(ge=0.0)]
    taught_at: AwareDatetime
