"""Everything that can go wrong with a snapshot.

VectorIndexError
├── SnapshotMissing       no snapshot where one was expected
├── SnapshotTorn          a file is missing, cut short, altered or contradicts the manifest
├── SnapshotForeign       made with another model than the one that serves
├── SnapshotFormat        written by a newer version of Likeness
├── SnapshotExists        a snapshot already stands where one was to be written
├── SnapshotUnwritable    the folder refuses writing (permissions, read-only disk)
└── StorageFull           the disk, a quota or a file-size limit is full while writing

A snapshot is derived from the database: losing one loses nothing, and every message says how it
comes back. Arrays of the wrong shape or type are a programmer's mistake and raise `ValueError`.
"""

from pathlib import Path

_REBUILD = "Nothing is lost: `likeness reindex` writes a new one from the database."


class VectorIndexError(Exception):
    """Root of this package's errors; `code` is stable, the message is for the user."""

    code = "vector-index-error"


class SnapshotMissing(VectorIndexError):
    code = "snapshot-missing"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no index snapshot at {folder}. {_REBUILD}")


class SnapshotTorn(VectorIndexError):
    code = "snapshot-torn"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"The index snapshot at {folder} is damaged: {reason}. {_REBUILD}")


class SnapshotForeign(VectorIndexError):
    code = "snapshot-foreign"

    def __init__(self, folder: Path, found: str, expected: str) -> None:
        super().__init__(
            f"The index snapshot at {folder} was made with the model {found}, but the model "
            f"{expected} serves; their vectors cannot be compared. Serve the model it was made "
            "with, or run `likeness reindex` to write a snapshot for this one."
        )


class SnapshotFormat(VectorIndexError):
    code = "snapshot-format"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The index snapshot at {folder} was written by a newer version of Likeness: {reason}. "
            "Upgrade Likeness, or run `likeness reindex` to write one this version can read."
        )


class SnapshotExists(VectorIndexError):
    code = "snapshot-exists"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is already something at {folder}, and a snapshot is never overwritten. "
            "Write to a new folder, or remove that one when nothing serves it."
        )


class SnapshotUnwritable(VectorIndexError):
    code = "snapshot-unwritable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The index snapshot cannot be written to {folder}: {reason}. Make the folder writable "
            "for the user that runs Likeness, then run the command again."
        )


class StorageFull(VectorIndexError):
    code = "storage-full"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"There is no room to write the index snapshot to {folder}: {reason}. The unfinished "
            "files are removed and the previous snapshot is untouched. Free some space (or raise "
            "the quota or file-size limit), then run the command again."
        )
