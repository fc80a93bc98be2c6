"""Files of an upload on their way to disk, when the disk takes no more."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.errors import StorageFull
from service.jobs.upload_files import UploadFiles, check_room


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: the system refuses as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(folder: Path, pieces: int) -> None:
    with UploadFiles(folder, max_files=1) as files:
        files.begin("a.jpg")
        for _ in range(pieces):
            files.write(b"x" * 1500)


def test_counts_what_it_writes(tmp_path: Path) -> None:
    with UploadFiles(tmp_path, max_files=2) as files:
        files.begin("a/b.jpg")
        files.write(b"abc")
        files.write(b"de")
        files.begin("c.jpg")

    assert (files.count, files.size) == (2, 5)
    assert (tmp_path / "a" / "b.jpg").read_bytes() == b"abcde"
    assert (tmp_path / "c.jpg").read_bytes() == b""


# The last bytes of a file may only be refused when it is closed.
@pytest.mark.parametrize("pieces", [1, 100])
def test_a_disk_that_takes_no_more_is_told(tmp_path: Path, pieces: int) -> None:
    with largest_file(1000), pytest.raises(StorageFull, match="Free some space"):
        fill(tmp_path, pieces)


def test_more_than_the_disk_has_is_told_before(tmp_path: Path) -> None:
    check_room(tmp_path, 1000)
    with pytest.raises(StorageFull, match="are free"):
        check_room(tmp_path, 2**62)
