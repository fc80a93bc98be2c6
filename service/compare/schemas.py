"""What a comparison takes and answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from retrieval.comparing import Method
from service.search.schemas import Weights

Threshold = Annotated[
    float | None,
    Field(
        ge=0,
        le=1,
        description="Similar from here on, 0 to 1; else the calibration's, else the model's own; "
        "0.5 of points.",
    ),
]


class CompareParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    method: Method = Field(
        "embedding",
        description="embedding: how alike they look to a model. points: whether local features of "
        "one are found in the other, as in an edited copy or the same print.",
    )
    model: str | None = Field(
        None, description="Any installed model; else the default one. Not with points."
    )
    threshold: Threshold = None
    weights: Weights = Field(
        None,
        description="How much each part of a fused model counts, as of /v1/search; else as the "
        "model was made. Not with points.",
    )
    collection: str | None = Field(None, description="Where product ids are looked up.")


class CompareRequest(CompareParameters):
    """A comparison as JSON: one of image_1, url_1 and product_id_1, and one of the second."""

    image_1: str | None = Field(None, description="A picture in base64, or as a data: URL.")
    image_2: str | None = Field(None, description="What to compare it with, likewise.")
    url_1: str | None = Field(None, description="Public address of a picture.")
    url_2: str | None = None
    product_id_1: str | None = Field(None, description="A product; its best picture counts.")
    product_id_2: str | None = None


class CompareReply(BaseModel):
    cosine: float
    similarity: float = Field(description="(cosine + 1) / 2: 0 to 1, 1 is the same.")
    match_probability: float | None = Field(
        description="That the two match, if half of all compared pairs do; null until the model "
        "is calibrated for these weights."
    )
    similar: bool = Field(description="Whether similarity reaches the threshold.")
    threshold: float
    model: str
    took_ms: dict[str, float]


class PointsReply(BaseModel):
    """What `method=points` answers."""

    method: Literal["points"]
    similarity: float = Field(
        description="0 to 1, rising with the inliers; from 0.5 on more agree than by chance."
    )
    similar: bool = Field(description="Whether similarity reaches the threshold.")
    threshold: float
    inliers: int = Field(description="Local features that agree in looks and in place.")
    matches: int = Field(description="Local features that agree in looks.")
    features: list[int] = Field(description="Local features of the first and of the second.")
    reason: str | None = Field(description="Why nothing could be matched, where nothing could.")
    took_ms: dict[str, float]
