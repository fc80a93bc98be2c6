"""What collections are sent and answered as."""

from pydantic import BaseModel, ConfigDict, Field

from service.calibrations import HitCalibrationReply
from service.search.schemas import ReleaseStamp, Weights


class CollectionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="An installed model; else the default one.")
    description: str | None = Field(None, max_length=4096)
    balance: Weights = Field(
        None,
        description="How much each part of a fused model counts in searches that do not say so "
        "themselves, as `weights` of /v1/search; null for as the model was made. Left out, it "
        "stays.",
    )


class ReleaseReply(ReleaseStamp):
    count: int = Field(description="Pictures in the snapshot.")
    recipe: str
    agreement: float = Field(description="Its recall@10 against exact search, 0 to 1.")


class ListedReleaseReply(ReleaseReply):
    current: bool = Field(description="Whether it is the one that serves.")


class ReleasesReply(BaseModel):
    collection: str
    releases: list[ListedReleaseReply]


class CollectionReply(BaseModel):
    name: str
    description: str
    default: bool = Field(description="Whether it is meant where none is named.")
    model: str
    fingerprint: str
    dimension: int
    balance: dict[str, float] | None = Field(
        description="Part of a fused model -> how much it counts; null for as the model was made."
    )
    products: int
    images: int
    sequence: int = Field(description="Last change written.")
    delta: int | None = Field(description="Pictures not yet in a snapshot; null until opened.")
    release: ReleaseReply | None
    calibration: HitCalibrationReply | None = Field(
        description="By which this process says how probable hits are; null until calibrated."
    )
    uncalibrated_because: str | None = Field(
        description="Why there is none, to be read after the model's name."
    )
    trouble: str | None = Field(description="Why this process does not have the last change.")
    created_at: str


class CollectionsReply(BaseModel):
    collections: list[CollectionReply]
