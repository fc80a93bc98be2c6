"""How a linear head was learnt, as its card tells it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Gain = Annotated[float, Field(ge=-1.0, le=1.0)]

Method = Literal["whitening", "pca", "discriminative", "oasis"]


class HeadLearnt(BaseModel):
    """What a head was learnt from, and what it was found to gain where it had not learnt.

    `found` and `gain` are of products (or of judgements) that neither taught the head that was
    measured nor chose its settings; the head that serves was then learnt from all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    method: Method
    settings: dict[str, float]
    """What was chosen: shrinkage, dimension, aggressiveness."""
    sources: tuple[str, ...] = Field(min_length=1)
    """The pictures, as whoever taught it called them."""
    products: Annotated[int, Field(ge=0)]
    """Labels with two pictures or more."""
    pictures: Annotated[int, Field(ge=1)]
    judgements: Annotated[int, Field(ge=0)] = 0
    measure: tuple[str, ...] = Field(min_length=1)
    """What was counted, in the mean: R@1 of relations, or judgements met."""
    units: Annotated[int, Field(ge=1)]
    """Products, styles or pictures that were drawn for the bounds."""
    found: Share
    gain: Gain
    """Over the base model alone."""
    gain_bounds: tuple[Gain, Gain]
    """Hold 95 % of the gains over resampled units."""
    learnt_at: AwareDatetime
