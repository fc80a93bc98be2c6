"""Uploads that index jobs read: a folder each below the home, for as long as a job may need it.

The service writes them, the worker reads and clears them.
"""

import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from catalog.errors import StorageFull

_REMOVED = ".removed-"


class UploadFolders:
    """The folders of one home; `root` is made when first needed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.root = home / "uploads"

    def create(self) -> Path:
        """A new empty folder. Raises StorageFull."""
        folder = self.root / secrets.token_hex(16)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise storage_full(self.root, error) from error
        return folder

    def source_of(self, path: Path) -> str:
        """How a job names a file or folder of an upload: relative to the home, which may move."""
        return path.relative_to(self._home).as_posix()

    def containing(self, source: str) -> Path | None:
        """The upload that a job's source lies in; None for a source that is no upload."""
        root = self.root.resolve()
        path = (self._home / source).resolve()
        if path == root or not path.is_relative_to(root):
            return None
        return self.root / path.relative_to(root).parts[0]

    def all(self) -> list[Path]:
        """Every upload that is here."""
        return [folder for folder in self._folders() if not folder.name.startswith(_REMOVED)]

    def set_aside(self, folder: Path) -> None:
        """From now on it is no upload any more; `purge` frees the room."""
        folder.rename(self.root / f"{_REMOVED}{folder.name}")

    def purge(self) -> None:
        """Delete what was set aside, now or by a process that ended meanwhile. Raises OSError."""
        for folder in self._folders():
            if folder.name.startswith(_REMOVED):
                with suppress(FileNotFoundError):  # another process is at it as well
                    shutil.rmtree(folder)

    def _folders(self) -> list[Path]:
        return sorted(self.root.iterdir()) if self.root.is_dir() else []


def storage_full(place: Path, error: OSError) -> StorageFull:
    """What is raised when a file of an upload cannot be written."""
    return StorageFull(
        f"An upload could not be written below {place} ({error.strerror}). Free some space, or "
        "check that this user may write there."
    )
