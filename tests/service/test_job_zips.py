"""Zips that must not be taken: each is refused with its own sentence, and leaves nothing behind."""

import io
import random
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.jobs.unpacking import unpack
from service.jobs.upload_files import UploadFiles
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running
from tests.service.uploading import left_behind, reflagged, send, zipped

MOST_BYTES = 200_000_000
MOST_FILES = 20


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that refuses every upload of this module, so that one is enough."""
    limits = {"job_upload_max_files": MOST_FILES, "job_upload_max_bytes": MOST_BYTES}
    with running(tmp_path_factory.mktemp("home"), **limits) as service:
        yield service


def of_kind(kind: int, target: bytes = b"/etc/passwd") -> bytes:
    """A picture, and an entry of another kind of file, as Unix archivers write it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jpg", jpeg(1))
        entry = zipfile.ZipInfo("b.jpg")
        entry.create_system = 3
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, target)
    return buffer.getvalue()


def with_stated_size(archive: bytes, size: int) -> bytes:
    """The one entry says that it unpacks to so many bytes."""
    changed = bytearray(archive)
    listed = archive.index(b"PK\x01\x02")
    changed[listed + 24 : listed + 28] = struct.pack("<I", size)
    return bytes(changed)


def of_many(files: int, folder: str = "") -> bytes:
    return zipped({f"{folder}{n}.jpg": b"x" for n in range(files)})


def damaged() -> bytes:
    """One byte in the middle of a picture is another."""
    archive = bytearray(zipped({"a.jpg": jpeg(1)}, zipfile.ZIP_STORED))
    archive[len(archive) // 2] ^= 0xFF
    return bytes(archive)


def overlapping() -> bytes:
    """Many entries of the list share one piece of packed bytes, so that a small file unpacks to
    much: eight times ten million zeros."""
    archive = zipped({"0.jpg": bytes(10_000_000)})
    listed, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    entry = archive[listed:end]
    tail = bytearray(archive[end:])
    tail[8:12] = struct.pack("<HH", 8, 8)
    tail[12:16] = struct.pack("<I", 8 * len(entry))
    return archive[:listed] + entry * 8 + bytes(tail)


HOSTILE = {
    "no zip": (b"no zip at all", "is no zip"),
    "cut short": (zipped({"a.jpg": jpeg(1)})[:-30], "is no zip"),
    "damaged": (damaged(), "Bad CRC-32"),
    "encrypted": (reflagged(zipped({"a.jpg": jpeg(1)}), bits=1, on=True), "without a password"),
    "packed by another method": (zipped({"a.jpg": jpeg(1)}, zipfile.ZIP_LZMA), "by method 14"),
    "a link": (of_kind(stat.S_IFLNK), "holds a link, 'b.jpg'"),
    "a pipe": (of_kind(stat.S_IFIFO), "no ordinary file"),
    "a device": (of_kind(stat.S_IFBLK), "no ordinary file"),
    "an absolute path": (zipped({"/etc/cron.d/a.jpg": b"x"}), "absolute path"),
    "a drive": (zipped({"C:/a.jpg": b"x"}), "absolute path"),
    "a way out": (zipped({"mugs/../../a.jpg": b"x"}), "'..' in its path"),
    "a way out by backslashes": (zipped({"..\\..\\a.jpg": b"x"}), "backslash"),
    "control characters": (zipped({"a\x1b[2J.jpg": b"x"}), "control characters"),
    "a name that shows another": (zipped({"a\u202egpj.exe": b"x"}), "control characters"),
    "a file without a name": (zipped({"?!": b"x"}).replace(b"?!", b"\0\0"), "has no name"),
    "a long name": (zipped({"a" * 300: b"x"}), "more than 255 bytes"),
    "a long path": (zipped({"folder/" * 200 + "a.jpg": b"x"}), "more than 1,024 bytes"),
    "one path twice": (of_many(2).replace(b"1.jpg", b"0.jpg"), "came twice"),
    "a file as a folder": (zipped({"a": b"x", "a/b.jpg": b"x"}), "a file and a folder"),
    "many files": (of_many(MOST_FILES + 1), "more than the 20 files"),
    "a list without end": (of_many(5_000, "folder/" * 30), "lists more files"),
    "too large": (with_stated_size(zipped({"a.jpg": b"x"}), MOST_BYTES + 1), "200,000,001 bytes"),
    "a bomb": (zipped({"a.jpg": bytes(70_000_000)}), "100 times its size"),
    "a bomb of overlaps": (overlapping(), "100 times its size"),
    "less than it holds": (with_stated_size(zipped({"a.jpg": jpeg(1)}), 10), "Bad CRC-32"),
    "empty": (zipped({}), "it is empty"),
    "nothing to index": (zipped({"a.pdf": b"x", ".b.jpg": b"x"}), ".pdf (1)"),
    "a zip inside": (zipped({"shop.zip": of_many(1)}), ".zip (1)"),
    "two manifests": (zipped({"a.csv": b"x", "b.csv": b"x"}), "2 manifests: a.csv, b.csv"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_refused(strict: Service, hostile: str) -> None:
    archive, words = HOSTILE[hostile]
    reply = send(strict, {"shop.zip": archive})

    assert words in assert_problem(reply, 422, "upload-refused")["detail"]
    assert left_behind(strict) == []
    assert strict.client.get("/v1/jobs").json()["jobs"] == []


def test_a_picture_is_larger_than_the_list_of_a_few_files(tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    picture = random.Random(0).randbytes(2_000_000)
    archive.write_bytes(zipped({"large.jpg": picture}))

    with UploadFiles(tmp_path / "unpacked", max_files=1) as files:
        unpack(archive, files, max_bytes=MOST_BYTES, max_files=1)

    assert (tmp_path / "unpacked" / "large.jpg").read_bytes() == picture


def test_nothing_was_written_elsewhere(strict: Service) -> None:
    """After all of them: the home holds what it held before."""
    home: Path = strict.state.home.root

    assert not [path for path in home.rglob("*") if path.suffix in (".jpg", ".exe", ".csv")]
    assert not (home.parent / "a.jpg").exists()
