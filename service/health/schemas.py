"""What the health endpoints answer."""

from typing import Literal

from pydantic import BaseModel, Field


class Alive(BaseModel):
    status: Literal["alive"]


class CollectionHealth(BaseModel):
    trouble: str | None = Field(description="Why it is not up to date, or null.")


class Ready(BaseModel):
    status: Literal["ready", "degraded"]
    collections: dict[str, CollectionHealth]
