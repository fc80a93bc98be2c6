"""What the indexer and its worker can be told from outside."""

import os
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from retrieval.settings import EngineSettings


class IndexerSettings(EngineSettings):
    """Read from the environment, one `LIKENESS_…` variable a field; units are in the names."""

    index_batch_size: int = Field(
        64, ge=1, le=4096, description="Pictures that are committed together."
    )
    index_fetch_threads: int = Field(
        16, ge=1, le=256, description="Pictures read or fetched at the same time."
    )
    index_decode_threads: int = Field(
        0, ge=0, le=256, description="Pictures decoded at the same time; 0 means one a processor."
    )
    manifest_max_bytes: int = Field(
        1_073_741_824, ge=1, description="Largest manifest taken, in bytes."
    )
    manifest_timeout_s: float = Field(
        120.0, gt=0, description="Longest time to fetch a manifest from the web, in seconds."
    )
    heartbeat_s: float = Field(
        5.0,
        gt=0,
        le=10.0,
        description="Time between a running job's signs of life, in seconds; a job silent for 30 s "
        "is taken over.",
    )
    worker_poll_s: float = Field(
        1.0, gt=0, le=60.0, description="Time between a worker's looks for a new job, in seconds."
    )
    compact_after_changes: int = Field(
        5000,
        ge=1,
        description="Live changes of a collection after which a worker publishes a new release.",
    )
    job_roots: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Folders and addresses, separated by commas, below which jobs that come over "
        "HTTP may read; none means the folder `imports` in the home.",
    )

    job_uploads_kept_h: float = Field(
        48.0,
        ge=0,
        description="Hours for which an upload is kept whose job failed, was cancelled or had "
        "failures, so that the job can be repeated.",
    )

    @field_validator("job_roots", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(root.strip() for root in value.split(",") if root.strip())
        return value

    @property
    def decode_threads(self) -> int:
        """How many pictures are decoded at once: as set, else one a usable processor."""
        return self.index_decode_threads or _usable_processors()

    @property
    def allowed_roots(self) -> tuple[str, ...]:
        """Where jobs that come over HTTP may read."""
        return self.job_roots or (str(self.root / "imports"),)


def _usable_processors() -> int:
    # Inside a container fewer may be ours than the machine has; not every system can tell.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
