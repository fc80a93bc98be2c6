"""An index as a folder of files: written whole or not at all, checked before it is trusted.

    <folder>/index.faiss     the vectors as FAISS writes them
    <folder>/ids.npy         int64 (n,), ascending, in the order of the vectors
    <folder>/manifest.json   what it is, with size and SHA-256 of the two

A snapshot is read into memory whole: what happens to its files later does not touch those who
serve it. (Mapped files would kill the process when somebody truncates them.)
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.drafts import draft_of, remove_abandoned
from vector_index.errors import SnapshotForeign, SnapshotFormat, SnapshotMissing, SnapshotTorn
from vector_index.exact import ExactIndex
from vector_index.manifest import MANIFEST_FILE, Manifest, SnapshotFile, read_manifest

__all__ = ["Manifest", "open_snapshot", "remove_abandoned", "write_snapshot"]

_INDEX_FILE: Final = "index.faiss"
_IDS_FILE: Final = "ids.npy"


def write_snapshot(
    folder: Path, index: ExactIndex, *, model_fingerprint: str, sequence: int, agreement: float
) -> Manifest:
    """Write `index` to `folder`, which must not exist yet; returns the manifest written.

    Ids masked by `without` are left out. On return everything is on the disk; on an error there
    is nothing at `folder` and the draft beside it is removed.

    sequence: last change of the catalogue the index covers; agreement: 0..1, as measured.
    Raises SnapshotExists, StorageFull, SnapshotUnwritable.
    """
    compact = ExactIndex.merged([index], index.dimension) if index.is_masked else index
    with draft_of(folder) as draft:
        with _written(draft / _IDS_FILE) as ids_file:
            np.save(ids_file, compact.ids(), allow_pickle=False)
        with _written(draft / _INDEX_FILE) as index_file:
            # Not by path: only so does a full disk come back as the OSError it is.
            writer = faiss.PyCallbackIOWriter(index_file.write)  # type: ignore[attr-defined]
            faiss.write_index(compact.storage, writer)
        manifest = Manifest(
            model_fingerprint=model_fingerprint,
            dimension=compact.dimension,
            count=len(compact),
            sequence=sequence,
            recipe=compact.recipe,
            agreement=agreement,
            created_at=datetime.now(UTC),
            files={_IDS_FILE: ids_file.entry(), _INDEX_FILE: index_file.entry()},
        )
        with _written(draft / MANIFEST_FILE) as manifest_file:
            manifest_file.write(manifest.to_bytes())
    return manifest


def open_snapshot(folder: Path, *, model_fingerprint: str) -> tuple[ExactIndex, Manifest]:
    """The index in `folder`, checked from end to end; its vectors are in memory.

    model_fingerprint: of the model whose queries it shall answer.
    Raises SnapshotMissing, SnapshotFormat, SnapshotForeign, SnapshotTorn.
    """
    if not os.path.lexists(folder):
        raise SnapshotMissing(folder)
    manifest = read_manifest(folder)
    if manifest.recipe != ExactIndex.recipe:
        raise SnapshotFormat(folder, f"this version does not know its recipe {manifest.recipe}")
    if manifest.model_fingerprint != model_fingerprint:
        raise SnapshotForeign(folder, manifest.model_fingerprint, model_fingerprint)
    if set(manifest.files) != {_IDS_FILE, _INDEX_FILE}:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} names other files than a snapshot has")
    for name, entry in manifest.files.items():
        _verify(folder, name, entry)
    ids = _read_ids(folder, manifest)
    storage = _read_storage(folder, manifest)
    return ExactIndex(ids, storage), manifest


class _HashedFile:
    """Writes to a file and keeps count and checksum of what was meant to be written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self._size_bytes += len(content)
        return self._file.write(content)

    def entry(self) -> SnapshotFile:
        return SnapshotFile(size_bytes=self._size_bytes, sha256=self._digest.hexdigest())


@contextmanager
def _written(path: Path) -> Iterator[_HashedFile]:
    with path.open("xb") as file:
        yield _HashedFile(file)
        file.flush()
        os.fsync(file.fileno())


def _verify(folder: Path, name: str, entry: SnapshotFile) -> None:
    try:
        with (folder / name).open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes != entry.size_bytes:
                raise SnapshotTorn(
                    folder, f"{name} has {size_bytes} bytes instead of {entry.size_bytes}"
                )
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as exc:
        raise SnapshotTorn(folder, f"{name} is missing") from exc
    except OSError as exc:
        raise SnapshotTorn(folder, f"{name} cannot be read ({exc.strerror})") from exc
    if digest != entry.sha256:
        raise SnapshotTorn(folder, f"{name} does not match its checksum")


def _read_ids(folder: Path, manifest: Manifest) -> NDArray[np.int64]:
    try:
        ids: NDArray[np.int64] = np.load(folder / _IDS_FILE, allow_pickle=False)
    except (ValueError, OSError) as exc:
        raise SnapshotTorn(folder, f"{_IDS_FILE} is not a plain array of ids") from exc
    if not isinstance(ids, np.ndarray) or ids.dtype != np.int64 or ids.ndim != 1:
        raise SnapshotTorn(folder, f"{_IDS_FILE} is not a plain array of ids")
    if len(ids) != manifest.count:
        raise SnapshotTorn(
            folder, f"{_IDS_FILE} holds {len(ids)} ids, {MANIFEST_FILE} says {manifest.count}"
        )
    if not bool((ids[1:] > ids[:-1]).all()) or (ids.size and ids[0] < 0):
        raise SnapshotTorn(folder, f"{_IDS_FILE} is not in ascending order")
    return ids


def _read_storage(folder: Path, manifest: Manifest) -> Any:
    try:
        storage = faiss.read_index(str(folder / _INDEX_FILE))
    except RuntimeError as exc:
        raise SnapshotTorn(folder, f"{_INDEX_FILE} is not readable by FAISS") from exc
    expected = (manifest.dimension, manifest.count)
    if (
        not isinstance(storage, faiss.IndexScalarQuantizer)
        or storage.sq.qtype != faiss.ScalarQuantizer.QT_fp16
        or storage.metric_type != faiss.METRIC_INNER_PRODUCT
    ):
        raise SnapshotTorn(folder, f"{_INDEX_FILE} is not of the recipe {manifest.recipe}")
    if (storage.d, storage.ntotal) != expected:
        raise SnapshotTorn(
            folder,
            f"{_INDEX_FILE} holds {storage.ntotal} vectors of {storage.d} dimensions, "
            f"{MANIFEST_FILE} says {manifest.count} of {manifest.dimension}",
        )
    return storage
