"""Object stores and other file systems behind fsspec: s3://, gs://, memory://, file://, …

fsspec's drivers raise whatever their own libraries raise; this is the border where that becomes
RemoteError.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from fsspec.core import url_to_fs

from indexer.errors import IndexerError


class RemoteError(Exception):
    """A remote file or folder could not be read; the text says why."""


class RemoteMissing(RemoteError):
    """Nothing is there."""


class RemotePath:
    """One address of a file system that fsspec knows.

    Raises RemoteError when no driver for it is installed, and from every method.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        with _at_fsspecs_border():
            self._files, self._path = url_to_fs(address)

    def forget_listing(self) -> None:
        """Listings are cached for the life of the process; a new job wants to see what is new."""
        with _at_fsspecs_border():
            self._files.invalidate_cache()

    def is_folder(self) -> bool:
        with _at_fsspecs_border():
            return bool(self._files.isdir(self._path))

    def is_file(self) -> bool:
        with _at_fsspecs_border():
            return bool(self._files.isfile(self._path))

    def entries(self, below: str = "") -> list[tuple[str, bool]]:
        """(name, is folder) of what lies directly in the folder, unsorted."""
        folder = posixpath.join(self._path, below) if below else self._path
        with _at_fsspecs_border():
            listing: list[dict[str, Any]] = self._files.ls(folder, detail=True)
        return [
            (posixpath.basename(entry["name"].rstrip("/")), entry["type"] == "directory")
            for entry in listing
            # Some stores list the folder itself as an empty object.
            if entry["name"].strip("/") != folder.strip("/")
        ]

    def child(self, below: str) -> str:
        """The full address of something below the folder."""
        return f"{self.address.rstrip('/')}/{below}"

    def read(self, limit: int) -> bytes:
        """Up to `limit` bytes from the start."""
        with _at_fsspecs_border(), self._files.open(self._path, "rb") as file:
            return bytes(file.read(limit))

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file, for reading from the start."""
        with _at_fsspecs_border(), self._files.open(self._path, "rb") as file:
            yield file


@contextmanager
def _at_fsspecs_border() -> Iterator[None]:
    try:
        yield
    except (RemoteError, IndexerError):
        # Ours already: what reads a remote file may find fault with its content.
        raise
    except FileNotFoundError as error:
        raise RemoteMissing("there is nothing at that address.") from error
    except (ImportError, ValueError) as error:
        # The driver is missing or unknown; fsspec's text names the package to install.
        raise RemoteError(f"{error}") from error
    except Exception as error:
        raise RemoteError(f"{type(error).__name__}: {error}") from error
