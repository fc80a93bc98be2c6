"""How a network was trained further on a shop's own products, as its card tells it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Gain = Annotated[float, Field(ge=-1.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]


class NetworkTrained(BaseModel):
    """What a network was trained on, and what that was found to gain on products held out: neither
    learnt from nor used to stop. Recalls are R@1 of the same product among the held out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sources: tuple[str, ...] = Field(min_length=1)
    """The pictures, as whoever trained it called them."""
    products: Count
    """That were learnt from; and their pictures:"""
    pictures: Count
    loss: str
    settings_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the YAML of all settings."""
    seed: int
    steps: Annotated[int, Field(ge=0)]
    minutes: Annotated[float, Field(ge=0.0)]
    validation_recall: Share
    """Of the products by which training was stopped: it flatters a little."""
    held_out_queries: Count
    recall: Share
    recall_bounds: tuple[Share, Share]
    """Hold 95 % of the means over resampled products."""
    gain: Gain
    """Over the backbone as it was before."""
    gain_bounds: tuple[Gain, Gain]
    trained_at: AwareDatetime
