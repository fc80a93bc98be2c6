"""What the HTTP service can be told from outside."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from retrieval.settings import EngineSettings


class ServiceSettings(EngineSettings):
    """Read from the environment, one `LIKENESS_…` variable a field; lists are JSON."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 is every network.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 picks a free one.")
    worker: bool = Field(
        True, description="Whether `serve` starts a worker for the jobs that come over HTTP."
    )
    queue_limit: int = Field(
        32,
        ge=1,
        le=10_000,
        description="Searches and comparisons admitted at once; more are answered 503.",
    )
    queue_wait_max_ms: float = Field(
        2000.0,
        gt=0,
        le=10_000,
        description="Longest time an admitted search or comparison may wait to be begun, in "
        "milliseconds; then it is answered 503.",
    )
    write_limit: int = Field(
        8, ge=1, le=1000, description="Upserts and deletes admitted at once; likewise."
    )
    bulk_limit: int = Field(
        4, ge=1, le=1000, description="Bulk streams admitted at once; likewise."
    )
    request_max_bytes: int = Field(
        67_108_864,
        ge=1024,
        description="Largest body of one request, in bytes; a bulk stream may be longer.",
    )
    uploads_max_bytes: int = Field(
        268_435_456,
        ge=1024,
        description="Bytes of all bodies held in memory at once; more are answered 503.",
    )
    upload_timeout_s: float = Field(
        60.0, gt=0, description="Longest time for a body to arrive, in seconds."
    )
    job_upload_max_bytes: int = Field(
        2_147_483_648,
        ge=1024,
        description="Largest upload for a job, in bytes; a zip may unpack to as much.",
    )
    job_upload_max_files: int = Field(
        50_000, ge=1, le=1_000_000, description="Most files of an upload for a job."
    )
    follow_interval_s: float = Field(
        0.25,
        gt=0,
        le=60,
        description="How often changes written by other processes are looked for, in seconds.",
    )
    cors_origins: tuple[str, ...] = Field(
        (), description='Web origins whose pages may call the API, e.g. ["https://shop.example"].'
    )
    require_api_key: bool = Field(
        False, description="Whether every call needs a key made with `likeness keys create`."
    )
    legacy_model: str | None = Field(
        None,
        description="Model of /cosine_similarity_score where none is named; else the default one.",
    )
    legacy_threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Similarity from which /cosine_similarity_score says Yes, 0 to 1; else where "
        "the model was calibrated to, and 0.80 until then.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and not origin.startswith(("http://", "https://")):
                raise ValueError(f"{origin!r} is no web origin; write it as https://shop.example")
        return tuple(origin.rstrip("/") for origin in origins)

    @model_validator(mode="after")
    def _check_limits_agree(self) -> Self:
        if self.uploads_max_bytes < self.request_max_bytes:
            raise ValueError("uploads_max_bytes must be at least request_max_bytes")
        return self
