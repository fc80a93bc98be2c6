"""What a snapshot says about itself, in manifest.json."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from vector_index.errors import SnapshotFormat, SnapshotTorn
from vector_index.plan import Plan

MANIFEST_FILE: Final = "manifest.json"
FORMAT: Final = 2
"""The newest this version reads. An exact index is still written in the first, which any does."""
EXACT_FORMAT: Final = 1
_MAX_BYTES: Final = 65_536
_CHECKSUM: Final = "checksum"


class SnapshotFile(BaseModel):
    """One file of a snapshot as it was written, with one of two checksums."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bytes: int = Field(ge=0)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    crc32: str | None = Field(default=None, pattern="^[0-9a-f]{8}$")

    @model_validator(mode="after")
    def _has_one_checksum(self) -> "SnapshotFile":
        if (self.sha256 is None) == (self.crc32 is None):
            raise ValueError("exactly one of sha256 and crc32 must be given")
        return self


class Clusters(BaseModel):
    """What a search of a clustered index goes by; see `vector_index.clustered`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    plan: Plan


class Manifest(BaseModel):
    """Which vectors of which model a snapshot holds, and how to tell that it is whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: int = Field(default=EXACT_FORMAT, ge=1)
    model_fingerprint: str = Field(min_length=1)
    dimension: int = Field(ge=1)
    count: int = Field(ge=0)
    sequence: int = Field(ge=0, description="last change of the catalogue it covers")
    recipe: str = Field(min_length=1)
    agreement: float = Field(ge=0, le=1, description="recall@k against exact search, as measured")
    created_at: AwareDatetime
    clusters: Clusters | None = None
    files: dict[str, SnapshotFile]

    def to_bytes(self) -> bytes:
        """JSON with a checksum of the other fields: a flipped digit must not pass for another."""
        fields = self.model_dump(mode="json", exclude_none=True)
        return json.dumps({**fields, _CHECKSUM: _checksum(fields)}, indent=2).encode() + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the snapshot in `folder`. Raises SnapshotTorn or SnapshotFormat."""
    try:
        with (folder / MANIFEST_FILE).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} is missing") from exc
    except OSError as exc:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} cannot be read ({exc.strerror})") from exc
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} is not readable JSON") from exc
    if not isinstance(fields, dict):
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} does not hold a JSON object")
    # Before anything else: a newer version may have changed all the rest.
    written_format = fields.get("format")
    if isinstance(written_format, int) and written_format > FORMAT:
        raise SnapshotFormat(
            folder, f"its format is {written_format}, and this version reads up to {FORMAT}"
        )
    if fields.pop(_CHECKSUM, None) != _checksum(fields):
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} does not match its own checksum")
    try:
        return Manifest.model_validate(fields)
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise SnapshotTorn(folder, f"{MANIFEST_FILE}: {place}: {first['msg']}") from exc


def _checksum(fields: dict[str, Any]) -> str:
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
