"""How the weights of a fused model were chosen, as its card tells it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]


class WeightsChosen(BaseModel):
    """Half of the products chose, the other half was measured, and the other way round; the weights
    are the mean of what both chose. Figures are of all queries, each under the weights that the
    half it is not in chose: hit rates at the first rank (R@1), in the mean over relations."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: str
    """The pictures, as whoever chose called them."""
    relations: tuple[str, ...] = Field(min_length=1)
    """What counted as found."""
    split_by: tuple[str, ...]
    """Columns whose labels lay in one half only; empty where each picture was for itself."""
    units: Count
    """Products, or styles, with something to find."""
    queries: Count
    hit_rate: Share
    hit_rate_bounds: tuple[Share, Share]
    """Hold 95 % of the means over resampled units."""
    best_part: str
    """The part that finds most alone."""
    gain_over_best_part: Annotated[float, Field(ge=-1.0, le=1.0)]
    chosen_at: AwareDatetime
