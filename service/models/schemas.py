"""What is answered about models."""

from pydantic import BaseModel, Field

from embedding.int8_measured import Int8Measured
from service.calibrations import ModelCalibrationReply


class InstalledModel(BaseModel):
    name: str
    kind: str
    dimension: int
    input_size: int
    threshold: float
    licence: str
    source: str
    description: str
    fingerprint: str
    created_at: str
    verified_cosine: float | None
    precision: str = Field(description="Of the network that serves: fp32 or int8.")
    precision_reason: str
    weights: dict[str, float] = Field(
        description="Parts of a fused model and how much each counts; empty for others."
    )
    int8: Int8Measured | None = Field(description="What int8 was found to be, if it was made.")
    calibration: ModelCalibrationReply | None = Field(
        description="What its scores were found to mean; null until `likeness calibrate`."
    )
    calibration_ignored: str | None = Field(
        description="Why a calibration that is stored is not in force: it is of other vectors."
    )


class KnownModel(BaseModel):
    name: str
    family: str
    licence: str
    note: str
    install: str = Field(description="The command that adds it.")


class ModelsReply(BaseModel):
    default: str = Field(description="Model of collections that are created.")
    installed: list[InstalledModel]
    known: list[KnownModel] = Field(description="What could be added by name.")
