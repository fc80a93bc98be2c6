"""What jobs are sent and answered as."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class IndexRequest(BaseModel):
    """What may be said of an index job, whatever its source."""

    model_config = ConfigDict(extra="forbid")

    collection: str | None = Field(None, description="Else the default one.")
    prune: bool = Field(False, description="Whether products gone from the source are removed.")
    category_from_folders: bool = Field(
        False, description="Whether a sub-folder's name is the category of its pictures."
    )
    allow_empty: bool = Field(False, description="Whether an empty source is taken at its word.")


class JobRequest(IndexRequest):
    kind: Literal["index", "reindex"] = Field(
        "index", description="`index` reads a source; `reindex` embeds again what is stored."
    )
    source: str | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="Of `index`: a folder or manifest as the worker's machine sees it, or an "
        "address (http…, s3://…); the worker only reads below LIKENESS_JOB_ROOTS.",
    )
    model: str | None = Field(None, description="Of `reindex`: the model to switch to.")
    drop_missing: bool = Field(
        False, description="Of `reindex`: whether pictures that cannot be embedded are removed."
    )


class JobProgress(BaseModel):
    done: int = Field(description="Items of the source that are dealt with.")
    total: int | None = Field(description="null until the source was counted.")
    elapsed_s: float | None = Field(
        description="Seconds since it was started, until it ended; null before."
    )
    rate_per_s: float | None = Field(description="Items a second since it was started.")
    eta_s: float | None = Field(
        description="Seconds left at that rate, the release at the end not counted."
    )


class JobUpload(BaseModel):
    name: str | None = Field(description="Of the one file or folder sent; null for several.")
    files: int = Field(description="How many, a zip's own counted.")
    size: int = Field(description="Bytes sent.")


class JobReply(BaseModel):
    id: int
    kind: Literal["index", "reindex"]
    collection: str
    source: str | None
    upload: JobUpload | None = Field(description="What was sent for it; null for another source.")
    status: Literal["queued", "running", "interrupted", "done", "failed", "cancelled"]
    stage: str = Field(
        description="While it runs: opening, indexing (embedding, when it reindexes), pruning; "
        "then of the release building, checking, publishing. Else empty."
    )
    progress: JobProgress
    indexed: int
    unchanged: int
    failed: int
    pruned: int
    cancel_requested: bool
    repeatable: bool = Field(description="Whether POST …/repeat would be taken.")
    error: str | None
    release_id: int | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class JobsReply(BaseModel):
    limit: int
    offset: int
    jobs: list[JobReply]


class FailureReply(BaseModel):
    position: int = Field(description="Counts the source's items from 1.")
    id: str | None
    source: str | None
    code: str
    message: str


class FailuresReply(BaseModel):
    job_id: int
    total: int
    limit: int
    offset: int
    failures: list[FailureReply]
