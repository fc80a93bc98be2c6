"""An index as a folder of files: written whole or not at all, checked before it is trusted.

    <folder>/index.faiss     exact: the vectors; clustered: codes and centroids; FAISS' format
    <folder>/ids.npy         int64 (n,), ascending, in the order of the vectors
    <folder>/vectors.f16     clustered only: float16 (n, dimension), little-endian, nothing else
    <folder>/axes.npy        clustered only: float32 (width, dimension), see `Projection`
    <folder>/manifest.json   what it is, with size and checksum of each of the others

What every query goes through is read into memory: what happens to those files later does not
touch those who serve them. Of `vectors.f16` a query reads a few dozen rows; it stays open. Every
byte of all of them is checked at opening, which also brings them into the kernel's cache.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import faiss
import numpy as np

from vector_index.clustered import RECIPE, ClusteredIndex, Store
from vector_index.clustering import CODE
from vector_index.drafts import draft_of, remove_abandoned
from vector_index.errors import SnapshotForeign, SnapshotFormat, SnapshotMissing, SnapshotTorn
from vector_index.exact import ExactIndex
from vector_index.manifest import (
    EXACT_FORMAT,
    FORMAT,
    MANIFEST_FILE,
    Clusters,
    Manifest,
    SnapshotFile,
    read_manifest,
)
from vector_index.projection import Projection
from vector_index.recipes import AnyIndex
from vector_index.rows import FileRows
from vector_index.snapshot_files import (
    AXES_FILE,
    IDS_FILE,
    INDEX_FILE,
    ROWS_FILE,
    read_axes,
    read_faiss,
    read_ids,
    verify,
    write_faiss,
    written,
)

__all__ = ["Manifest", "open_snapshot", "remove_abandoned", "write_snapshot"]

# Bounds what is copied of the rows while they are written.
_ROWS_AT_ONCE: Final = 16_384


def write_snapshot(
    folder: Path, index: AnyIndex, *, model_fingerprint: str, sequence: int, agreement: float
) -> Manifest:
    """Write `index` to `folder`, which must not exist yet; returns the manifest written.

    Ids masked by `without` are left out. On return everything is on the disk; on an error there
    is nothing at `folder` and the draft beside it is removed.

    sequence: last change of the catalogue the index covers; agreement: 0..1, as measured.
    Raises SnapshotExists, StorageFull, SnapshotUnwritable.
    """
    index = index.compacted()
    with draft_of(folder) as draft:
        if isinstance(index, ClusteredIndex):
            files = _write_clustered(draft, index)
            clusters = Clusters(plan=index.plan)
        else:
            files = _write_exact(draft, index)
            clusters = None
        manifest = Manifest(
            format=EXACT_FORMAT if clusters is None else FORMAT,
            model_fingerprint=model_fingerprint,
            dimension=index.dimension,
            count=len(index),
            sequence=sequence,
            recipe=index.recipe,
            agreement=agreement,
            created_at=datetime.now(UTC),
            clusters=clusters,
            files=files,
        )
        with written(draft / MANIFEST_FILE) as manifest_file:
            manifest_file.write(manifest.to_bytes())
    return manifest


def open_snapshot(folder: Path, *, model_fingerprint: str) -> tuple[AnyIndex, Manifest]:
    """The index in `folder`, checked from end to end.

    model_fingerprint: of the model whose queries it shall answer.
    Raises SnapshotMissing, SnapshotFormat, SnapshotForeign, SnapshotTorn.
    """
    if not os.path.lexists(folder):
        raise SnapshotMissing(folder)
    manifest = read_manifest(folder)
    is_clustered = RECIPE.fullmatch(manifest.recipe) is not None
    if not is_clustered and manifest.recipe != ExactIndex.recipe:
        raise SnapshotFormat(folder, f"this version does not know its recipe {manifest.recipe}")
    if manifest.model_fingerprint != model_fingerprint:
        raise SnapshotForeign(folder, manifest.model_fingerprint, model_fingerprint)
    expected = {IDS_FILE, INDEX_FILE} | ({ROWS_FILE, AXES_FILE} if is_clustered else set())
    if set(manifest.files) != expected:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} names other files than a snapshot has")
    # Side by side: reading and CRC leave Python's lock to others.
    with ThreadPoolExecutor(len(manifest.files)) as threads:
        checks = {
            name: threads.submit(verify, folder, name, entry)
            for name, entry in manifest.files.items()
        }
        for name in checks.keys() - {ROWS_FILE}:
            checks[name].result()
        # The rows, most of the bytes, are still being checked while the rest is put together.
        if is_clustered and not (folder / ROWS_FILE).is_file():
            checks[ROWS_FILE].result()
        index = (_open_clustered if is_clustered else _open_exact)(folder, manifest)
        for check in checks.values():
            check.result()
    if isinstance(index, ClusteredIndex) and len(index):
        # The first search sets up what later ones find ready, and takes three times as long.
        index.nearest(index.store.rows.at(np.zeros(1, np.int64)).astype(np.float32), 1)
    return index, manifest


def _write_exact(draft: Path, index: ExactIndex) -> dict[str, SnapshotFile]:
    with written(draft / IDS_FILE) as ids_file:
        np.save(ids_file, index.ids(), allow_pickle=False)
    with written(draft / INDEX_FILE) as index_file:
        write_faiss(index_file, index.storage)
    return {IDS_FILE: ids_file.entry(), INDEX_FILE: index_file.entry()}


def _open_exact(folder: Path, manifest: Manifest) -> ExactIndex:
    ids = read_ids(folder, manifest)
    kind, code = faiss.IndexScalarQuantizer, faiss.ScalarQuantizer.QT_fp16
    return ExactIndex(ids, read_faiss(folder, manifest, kind, code, manifest.dimension))


def _write_clustered(draft: Path, index: ClusteredIndex) -> dict[str, SnapshotFile]:
    store = index.store
    with written(draft / IDS_FILE, fast_checksum=True) as ids_file:
        np.save(ids_file, store.ids, allow_pickle=False)
    with written(draft / INDEX_FILE, fast_checksum=True) as index_file:
        write_faiss(index_file, store.lists)
    with written(draft / AXES_FILE, fast_checksum=True) as axes_file:
        np.save(axes_file, store.projection.code_axes, allow_pickle=False)
    with written(draft / ROWS_FILE, fast_checksum=True) as rows_file:
        for start in range(0, len(store.ids), _ROWS_AT_ONCE):
            places = np.arange(start, min(start + _ROWS_AT_ONCE, len(store.ids)))
            rows_file.write(store.rows.at(places).astype("<f2", copy=False).tobytes())
    return {
        IDS_FILE: ids_file.entry(),
        INDEX_FILE: index_file.entry(),
        AXES_FILE: axes_file.entry(),
        ROWS_FILE: rows_file.entry(),
    }


def _open_clustered(folder: Path, manifest: Manifest) -> ClusteredIndex:
    if manifest.clusters is None:
        raise SnapshotTorn(folder, f"{MANIFEST_FILE} does not say how to search its clusters")
    ids = read_ids(folder, manifest)
    axes = read_axes(folder, manifest)
    lists = read_faiss(folder, manifest, faiss.IndexIVFScalarQuantizer, CODE, len(axes))
    if lists.by_residual:
        raise SnapshotTorn(folder, f"{INDEX_FILE} is not of the recipe {manifest.recipe}")
    try:
        rows = FileRows(folder / ROWS_FILE, manifest.count, manifest.dimension)
        store = Store(ids, rows, Projection(axes), lists, manifest.clusters.plan)
    except (OSError, ValueError) as exc:
        raise SnapshotTorn(folder, f"it cannot be put together ({exc})") from exc
    if manifest.recipe != store.recipe:
        raise SnapshotTorn(folder, f"{INDEX_FILE} is not of the recipe {manifest.recipe}")
    return ClusteredIndex(store)
