"""Folders that appear complete or not at all."""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vector_index.errors import SnapshotExists, SnapshotUnwritable, StorageFull

_DRAFT_PREFIX: Final = ".draft-"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OCCUPIED: Final = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})


@contextmanager
def draft_of(folder: Path) -> Iterator[Path]:
    """A draft folder beside `folder`; leaving the block in peace renames it to `folder`.

    The caller fsyncs the files it writes; the draft, and after the rename its parent, are
    fsynced here. When the block raises, the draft is removed. A writer that dies leaves its
    draft behind for `remove_abandoned`: it holds a lock on the draft that ends with it, which,
    unlike a process id, also means the same in another container on the same disk.

    Raises SnapshotExists, StorageFull or SnapshotUnwritable, the latter two also for any OSError
    of the block.
    """
    if os.path.lexists(folder):
        raise SnapshotExists(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft, lock = _locked_draft(folder)
    except OSError as exc:
        raise _translated(exc, folder) from exc
    try:
        yield draft
        os.fsync(lock)
        _rename(draft, folder)
        _fsync_folder(folder.parent)
    except OSError as exc:
        raise _translated(exc, folder) from exc
    finally:
        # After the rename there is nothing left under this name.
        shutil.rmtree(draft, ignore_errors=True)
        os.close(lock)


def remove_abandoned(parent: Path) -> list[Path]:
    """Remove the drafts in `parent` whose writers are dead; returns their former paths, sorted.

    Drafts still being written, and everything else, are left alone. `parent` may be missing.
    """
    removed = []
    for draft in sorted(parent.glob(f"{_DRAFT_PREFIX}*")):
        lock = _try_lock(draft)
        if lock is None:
            continue
        try:
            shutil.rmtree(draft, ignore_errors=True)
        finally:
            os.close(lock)
        if not draft.exists():
            removed.append(draft)
    return removed


def _locked_draft(folder: Path) -> tuple[Path, int]:
    while True:
        draft = folder.with_name(f"{_DRAFT_PREFIX}{folder.name}-{secrets.token_hex(6)}")
        draft.mkdir()
        lock = _try_lock(draft)
        # None: a clean-up came between making the folder and locking it; it is gone by now.
        if lock is not None:
            return draft, lock


def _try_lock(draft: Path) -> int | None:
    """A descriptor that holds the lock of `draft`; None when another has it or it is gone."""
    try:
        descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), draft.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # both mean "not ours", answered below
    os.close(descriptor)
    return None


def _rename(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError as exc:
        if exc.errno in _OCCUPIED:
            raise SnapshotExists(folder) from exc
        raise


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _translated(exc: OSError, folder: Path) -> StorageFull | SnapshotUnwritable:
    reason = exc.strerror or str(exc)
    if exc.errno in _FULL:
        return StorageFull(folder, reason)
    return SnapshotUnwritable(folder, reason)
