"""Files of an upload on their way to disk."""

import errno
import shutil
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ingestion.uploads import storage_full
from service.errors import UploadRefused
from service.jobs.upload_paths import checked_path


class UploadFiles:
    """Writes new files below a folder, one after the other; used in one thread at a time.

    `count` and `size` are what was written: files, and bytes. A context: leaving it closes the
    file at hand.
    """

    def __init__(self, folder: Path, *, max_files: int) -> None:
        self._folder = folder
        self._max_files = max_files
        self._file: BinaryIO | None = None
        self.count = 0
        self.size = 0

    def begin(self, name: str) -> None:
        """What is written from now on goes into the file of that name, a path with "/".

        Raises UploadRefused, StorageFull.
        """
        self.end()
        path = self._folder / checked_path(name)
        check_count(self.count + 1, self._max_files)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise UploadRefused(
                f"The file {name[:80]!r} came twice, or is a file and a folder at once. Give each "
                "file a path of its own, and send all again. Nothing was kept."
            ) from error
        except OSError as error:
            raise storage_full(self._folder, error) from error
        self.count += 1

    def write(self, content: bytes) -> None:
        """Raises StorageFull."""
        assert self._file is not None, "no file was begun"
        try:
            self._file.write(content)
        except OSError as error:
            raise storage_full(self._folder, error) from error
        self.size += len(content)

    def end(self) -> None:
        """The file at hand is complete. Raises StorageFull: its last bytes are written now."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise storage_full(self._folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()


def check_count(files: int, most: int) -> None:
    """Raises UploadRefused."""
    if files > most:
        raise UploadRefused(
            f"The upload has more than the {most:,} files that are accepted. Send them in parts, "
            "or have whoever runs the service raise LIKENESS_JOB_UPLOAD_MAX_FILES."
        )


def check_room(folder: Path, size: int) -> None:
    """That so many bytes can be written there, as far as is known. Raises StorageFull."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise storage_full(folder, error) from error
    if size > free:
        raise storage_full(folder, OSError(errno.ENOSPC, f"{size:,} bytes, {free:,} are free"))
