"""What a comparison takes and answers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Threshold = Annotated[
    float | None,
    Field(ge=0, le=1, description="Similar from here on, 0 to 1; else the model's own."),
]


class CompareParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="Any installed model; else the default one.")
    threshold: Threshold = None
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
    similar: bool = Field(description="Whether similarity reaches the threshold.")
    threshold: float
    model: str
    took_ms: dict[str, float]
