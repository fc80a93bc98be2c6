"""What collections are sent and answered as."""

from pydantic import BaseModel, ConfigDict, Field

from service.search.schemas import ReleaseStamp


class CollectionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="An installed model; else the default one.")
    description: str | None = Field(None, max_length=4096)


class ReleaseReply(ReleaseStamp):
    count: int = Field(description="Pictures in the snapshot.")
    recipe: str
    agreement: float = Field(description="Its recall@10 against exact search, 0 to 1.")


class CollectionReply(BaseModel):
    name: str
    description: str
    model: str
    fingerprint: str
    dimension: int
    products: int
    images: int
    sequence: int = Field(description="Last change written.")
    delta: int | None = Field(description="Pictures not yet in a snapshot; null until opened.")
    release: ReleaseReply | None
    trouble: str | None = Field(description="Why this process does not have the last change.")
    created_at: str


class CollectionsReply(BaseModel):
    collections: list[CollectionReply]
