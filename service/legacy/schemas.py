"""The older predictor's answer (S4), key for key."""

from pydantic import BaseModel, ConfigDict, Field


class LegacyParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model_name: str | None = None


class LegacyReply(BaseModel):
    similarity_score: float = Field(alias="Similarity Score")
    similar: str = Field(alias="Are the images similar?", examples=["Yes"])
    milliseconds: float = Field(alias="Time taken in milliseconds")
