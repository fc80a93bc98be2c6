"""Which miner, and its parameters."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MinerName = Literal["all", "semi-hard", "hard", "curriculum"]


class MiningSettings(BaseModel):
    """What of a batch the loss sees.

    name: all pairs or triplets; semi-hard or hard triplets; or the pairs of a curriculum
    gap: how far a semi-hard negative may lie beyond its positive, the g of the triplet loss
    share: of a picture's pairs that the curriculum shows at a time
    noise_bound: positives are dropped as noise from so many robust standard deviations above
        the median on, e.g. 3; None drops none
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: MinerName = "all"
    gap: Annotated[float, Field(gt=0.0, le=2.0)] = 0.2
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5
    noise_bound: Annotated[float, Field(gt=0.0)] | None = None
