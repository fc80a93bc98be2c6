"""A zip that somebody sent -> files below a folder, or a refusal before much is written.

What a zip says of itself is checked first; then it is held to that, by its checksums and by never
reading further into an entry than its stated length.
"""

import io
import stat
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from service.errors import UploadRefused
from service.jobs.upload_files import UploadFiles, check_count, check_room

MOST_TIMES_LARGER = 100
"""Pictures hardly shrink, and text to a tenth; deflate itself ends at 1,032 times."""

# Up to here nobody is harmed by a zip that unpacks to many times its size.
_ALWAYS_TAKEN_BYTES = 67_108_864
# Of the list at a zip's end, which is read in one piece: a header is 46 bytes, then come the name
# and what the archiver adds.
_LISTED_BYTES_A_FILE = 512
_PIECE = 1_048_576
_ENCRYPTED = 0x1
_UTF8 = 0x800
# What zipfile raises for bytes that make no sense.
_BROKEN = (
    *(BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, OverflowError),
)


def unpack(archive: Path, files: UploadFiles, *, max_bytes: int, max_files: int) -> None:
    """Write what the zip holds through `files`.

    Raises UploadRefused for a zip that is damaged, encrypted, too large when unpacked, or that
    holds links or paths which lead elsewhere; StorageFull.
    """
    try:
        with (
            # A piece of an entry is read through it as well, whatever its list may hold.
            _BoundedFile(
                archive, longest_read=max(_PIECE, max_files * _LISTED_BYTES_A_FILE)
            ) as packed,
            ZipFile(packed) as opened,
        ):
            entries = [entry for entry in opened.infolist() if not entry.filename.endswith("/")]
            _check(entries, archive.stat().st_size, max_bytes=max_bytes, max_files=max_files)
            check_room(archive.parent, sum(entry.file_size for entry in entries))
            for entry in entries:
                files.begin(_name(entry))
                with opened.open(entry) as content:
                    while piece := content.read(_PIECE):
                        files.write(piece)
                files.end()
    except _BROKEN as error:
        raise UploadRefused(
            f"The zip is damaged, or is no zip ({error}). Pack the folder again and send it again. "
            "Nothing was kept."
        ) from error


def _check(entries: Sequence[ZipInfo], packed: int, *, max_bytes: int, max_files: int) -> None:
    check_count(len(entries), max_files)
    for entry in entries:
        _check_entry(entry)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > max_bytes:
        raise UploadRefused(
            f"The zip unpacks to {unpacked:,} bytes, and {max_bytes:,} are accepted. Send it in "
            "parts, or have whoever runs the service raise LIKENESS_JOB_UPLOAD_MAX_BYTES."
        )
    if unpacked > max(_ALWAYS_TAKEN_BYTES, MOST_TIMES_LARGER * packed):
        raise UploadRefused(
            f"The zip of {packed:,} bytes unpacks to {unpacked:,}, more than {MOST_TIMES_LARGER} "
            "times its size, as no zip of pictures does. Send the files without packing them."
        )


def _check_entry(entry: ZipInfo) -> None:
    name = repr(entry.filename[:80])
    if entry.flag_bits & _ENCRYPTED:
        raise UploadRefused(
            f"The zip is encrypted ({name} needs a password). Pack it without a password and send "
            "it again."
        )
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UploadRefused(
            f"The zip packs {name} by method {entry.compress_type}, which is not read here. Pack "
            "it again with the ordinary method (deflate)."
        )
    # Archivers that know no such kinds leave these bits empty.
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise UploadRefused(
            f"The zip holds a link, {name}. Put the file itself in its place and pack it again."
        )
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UploadRefused(
            f"The zip holds {name}, which is no ordinary file (a device, pipe or socket). Leave it "
            "out and pack it again."
        )


def _name(entry: ZipInfo) -> str:
    """Some archivers, macOS's among them, write UTF-8 without saying so."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


class _BoundedFile(io.BufferedReader):
    """A file that refuses to be read in too large a piece: zipfile reads all of the list at a
    zip's end at once, and makes an object of each entry, before anybody can count them."""

    def __init__(self, path: Path, *, longest_read: int) -> None:
        super().__init__(io.FileIO(path))
        self._longest_read = longest_read

    def read(self, size: int | None = -1) -> bytes:
        """Raises UploadRefused."""
        if size is not None and size > self._longest_read:
            raise UploadRefused(
                "The zip lists more files, or longer names, than are accepted. Send it in parts, "
                "or have whoever runs the service raise LIKENESS_JOB_UPLOAD_MAX_FILES."
            )
        return super().read(size)
