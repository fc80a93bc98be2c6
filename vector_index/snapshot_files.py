"""The files of a snapshot, one by one: written with a checksum, and held against it."""

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.errors import SnapshotTorn
from vector_index.manifest import MANIFEST_FILE, Manifest, SnapshotFile

INDEX_FILE: Final = "index.faiss"
IDS_FILE: Final = "ids.npy"
ROWS_FILE: Final = "vectors.f16"
AXES_FILE: Final = "axes.npy"

_BYTES_AT_ONCE: Final = 1 << 20
_READ_ONLY: Final = 0o444


class _Digest(Protocol):
    def update(self, content: bytes | memoryview, /) -> None: ...

    def hexdigest(self) -> str: ...


class Crc32:
    """CRC-32 behind the interface of hashlib.

    It tells damage, not malice, and reads 2.8 GB/s where SHA-256 reads 0.4 (on the machine of
    docs/performance.md): the difference between opening a million vectors in one second or three.
    """

    def __init__(self) -> None:
        self._value = 0

    def update(self, content: bytes | memoryview, /) -> None:
        self._value = zlib.crc32(content, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


class WrittenFile:
    """Writes to a file and keeps size and checksum of what was meant to be written."""

    def __init__(self, file: BinaryIO, *, fast_checksum: bool) -> None:
        self._file = file
        self._digest: _Digest = Crc32() if fast_checksum else hashlib.sha256()
        self._fast_checksum = fast_checksum
        self._size_bytes = 0

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self._size_bytes += len(content)
        return self._file.write(content)

    def entry(self) -> SnapshotFile:
        kind = "crc32" if self._fast_checksum else "sha256"
        return SnapshotFile.model_validate(
            {"size_bytes": self._size_bytes, kind: self._digest.hexdigest()}
        )


@contextmanager
def written(path: Path, *, fast_checksum: bool = False) -> Iterator[WrittenFile]:
    """A new file at `path`, on the disk and read-only once the block is left in peace."""
    with path.open("xb") as file:
        yield WrittenFile(file, fast_checksum=fast_checksum)
        file.flush()
        # Nobody has a reason to write to it again, and those who serve it read it row by row.
        os.fchmod(file.fileno(), _READ_ONLY)
        os.fsync(file.fileno())


def verify(folder: Path, name: str, entry: SnapshotFile) -> None:
    """Raises SnapshotTorn unless the file is what its entry in the manifest says."""
    digest: _Digest = Crc32() if entry.sha256 is None else hashlib.sha256()
    try:
        with (folder / name).open("rb", buffering=0) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes != entry.size_bytes:
                raise SnapshotTorn(
                    folder, f"{name} has {size_bytes} bytes instead of {entry.size_bytes}"
                )
            buffer = bytearray(_BYTES_AT_ONCE)
            while read := file.readinto(buffer):
                digest.update(memoryview(buffer)[:read])
    except FileNotFoundError as exc:
        raise SnapshotTorn(folder, f"{name} is missing") from exc
    except OSError as exc:
        raise SnapshotTorn(folder, f"{name} cannot be read ({exc.strerror})") from exc
    if digest.hexdigest() != (entry.crc32 if entry.sha256 is None else entry.sha256):
        raise SnapshotTorn(folder, f"{name} does not match its checksum")


def read_ids(folder: Path, manifest: Manifest) -> NDArray[np.int64]:
    """The ids, ascending and read-only. Raises SnapshotTorn."""
    try:
        ids: NDArray[np.int64] = np.load(folder / IDS_FILE, allow_pickle=False)
    except (ValueError, OSError) as exc:
        raise SnapshotTorn(folder, f"{IDS_FILE} is not a plain array of ids") from exc
    if not isinstance(ids, np.ndarray) or ids.dtype != np.int64 or ids.ndim != 1:
        raise SnapshotTorn(folder, f"{IDS_FILE} is not a plain array of ids")
    if len(ids) != manifest.count:
        raise SnapshotTorn(
            folder, f"{IDS_FILE} holds {len(ids)} ids, {MANIFEST_FILE} says {manifest.count}"
        )
    if not bool((ids[1:] > ids[:-1]).all()) or (ids.size and ids[0] < 0):
        raise SnapshotTorn(folder, f"{IDS_FILE} is not in ascending order")
    ids.flags.writeable = False
    return ids


def read_axes(folder: Path, manifest: Manifest) -> NDArray[np.float32]:
    """The axes of a projection, float32 (width, dimension). Raises SnapshotTorn."""
    try:
        axes: NDArray[np.float32] = np.load(folder / AXES_FILE, allow_pickle=False)
    except (ValueError, OSError) as exc:
        raise SnapshotTorn(folder, f"{AXES_FILE} is not a plain array of axes") from exc
    if not isinstance(axes, np.ndarray) or axes.dtype != np.float32 or axes.ndim != 2:
        raise SnapshotTorn(folder, f"{AXES_FILE} is not a plain array of axes")
    if axes.shape[1] != manifest.dimension:
        raise SnapshotTorn(
            folder,
            f"{AXES_FILE} has axes of {axes.shape[1]} dimensions, "
            f"{MANIFEST_FILE} says {manifest.dimension}",
        )
    return axes


def write_faiss(file: WrittenFile, storage: Any) -> None:
    """A FAISS index as FAISS writes it."""
    # Not by path: only so does a full disk come back as the OSError it is.
    writer = faiss.PyCallbackIOWriter(file.write)  # type: ignore[attr-defined]
    faiss.write_index(storage, writer)


def read_faiss(folder: Path, manifest: Manifest, kind: type[Any], code: int, width: int) -> Any:
    """The FAISS index, of class `kind`, with scalar quantiser `code` and `width` numbers a vector.

    Raises SnapshotTorn.
    """
    try:
        storage: Any = faiss.read_index(str(folder / INDEX_FILE))
    except RuntimeError as exc:
        raise SnapshotTorn(folder, f"{INDEX_FILE} is not readable by FAISS") from exc
    if (
        not isinstance(storage, kind)
        or storage.sq.qtype != code
        or storage.metric_type != faiss.METRIC_INNER_PRODUCT
    ):
        raise SnapshotTorn(folder, f"{INDEX_FILE} is not of the recipe {manifest.recipe}")
    if (storage.d, storage.ntotal) != (width, manifest.count):
        raise SnapshotTorn(
            folder,
            f"{INDEX_FILE} holds {storage.ntotal} vectors of {storage.d} dimensions, "
            f"not {manifest.count} of {width}",
        )
    return storage
