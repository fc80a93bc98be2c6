"""The bytes of one picture, from wherever its reference leads."""

import os
import stat
from io import FileIO
from pathlib import Path

from fetching.fetcher import Fetcher
from indexer.errors import ReferenceMissing, ReferenceUnreadable
from indexer.items import Reference
from indexer.remote import RemoteError, RemoteMissing, RemotePath


class PictureReader:
    """Reads pictures from files, web addresses and object stores; thread-safe.

    No more than `max_bytes` + 1 bytes are read: enough for the decoder to see that it is too many.
    """

    def __init__(self, fetcher: Fetcher, *, max_bytes: int) -> None:
        self._fetcher = fetcher
        self._max_bytes = max_bytes

    def read(self, reference: Reference) -> bytes:
        """Raises ReferenceMissing, ReferenceUnreadable, FetchError."""
        if isinstance(reference.location, Path):
            return self._read_file(reference.location)
        if is_web_address(reference.location):
            return self._fetcher.fetch(reference.location)
        return self._read_remote(reference.location)

    def _read_file(self, path: Path) -> bytes:
        try:
            # Not blocking: a named pipe in the folder must not hold up the job for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with FileIO(descriptor) as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ReferenceUnreadable(f"{path} is not a file; name a picture file.")
                return _read_up_to(file, self._max_bytes + 1)
        except FileNotFoundError as error:
            raise ReferenceMissing(
                f"There is no file {path}. Correct the path (relative ones start at the "
                "manifest's folder), or bring the file back."
            ) from error
        except OSError as error:
            raise ReferenceUnreadable(
                f"{path} cannot be read ({error.strerror}). Check its permissions and its disk."
            ) from error

    def _read_remote(self, address: str) -> bytes:
        try:
            return RemotePath(address).read(self._max_bytes + 1)
        except RemoteMissing as error:
            raise ReferenceMissing(
                f"There is nothing at {address}. Correct the address."
            ) from error
        except RemoteError as error:
            raise ReferenceUnreadable(f"{address} cannot be read: {error}") from error


def is_web_address(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _read_up_to(file: FileIO, limit: int) -> bytes:
    content = file.read(limit)
    # A single read of an unbuffered file may stop early (network disks, signals).
    while part := file.read(limit - len(content)):
        content += part
    return content
