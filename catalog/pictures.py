"""The pixels worth keeping: one small JPEG a picture, named by the hash of the original's bytes.

The copies are for showing and for embedding again under another model. They are not synced one by
one: a copy lost to a power cut counts as absent, and the next indexing run writes it again.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from catalog.errors import PictureMissing, StorageFull
from catalog.records import SHA256

_SWEEP_BATCH = 1000


class PictureFolder:
    """Content-addressed JPEG copies below one folder, which is made when first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, content_sha256: str) -> Path:
        """Where the copy lies, whether it exists or not; ValueError when it is no sha-256."""
        if not SHA256.fullmatch(content_sha256):
            raise ValueError(f"{content_sha256!r} is not a sha-256 in lower-case hex")
        return self._root / content_sha256[:2] / f"{content_sha256}.jpg"

    def has(self, content_sha256: str) -> bool:
        return self.size(content_sha256) > 0

    def size(self, content_sha256: str) -> int:
        """Bytes of the copy; 0 where there is none."""
        try:
            return self.path(content_sha256).stat().st_size
        except OSError:
            return 0

    def keep(self, content_sha256: str, jpeg: bytes) -> None:
        """See to it that a copy is there, and that no sweep takes it away before its row is
        committed; one that is there stays as it is. Raises StorageFull."""
        if self.has(content_sha256):
            # One that a sweep took away since is put back like any other.
            with suppress(PictureMissing):
                return self.touch(content_sha256)
        return self.put(content_sha256, jpeg)

    def put(self, content_sha256: str, jpeg: bytes) -> None:
        """Write a copy, whole or not at all; raises StorageFull."""
        path = self.path(content_sha256)
        draft = path.with_name(f".{content_sha256[:16]}-{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(jpeg)
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise StorageFull(
                f"The copy of a picture could not be written below {self._root} "
                f"({error.strerror}). Free some space, or check that this user may write there."
            ) from error

    def touch(self, content_sha256: str) -> None:
        """Say that a copy is about to be used again, so that a sweep leaves it alone.

        Raises PictureMissing.
        """
        try:
            os.utime(self.path(content_sha256))
        except OSError as error:
            raise self._missing(content_sha256) from error

    def read(self, content_sha256: str) -> bytes:
        """Raises PictureMissing."""
        try:
            copy = self.path(content_sha256).read_bytes()
        except OSError as error:
            raise self._missing(content_sha256) from error
        if not copy:
            raise self._missing(content_sha256)
        return copy

    def sweep(
        self, in_use: Callable[[Iterable[str]], set[str]], *, older_than_s: float = 3600.0
    ) -> int:
        """Remove copies, and drafts of dead writers, that nobody needs; how many went.

        Young files stay: their rows may be about to be committed.
        """
        removed = 0
        deadline = time.time() - older_than_s
        files = (path for path in self._files() if _is_older(path, deadline))
        while batch := list(islice(files, _SWEEP_BATCH)):
            needed = in_use(path.stem for path in batch if path.suffix == ".jpg")
            for path in batch:
                # Asked again: it may have been touched while the database was looked through.
                if path.stem not in needed and _is_older(path, deadline):
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _files(self) -> Iterator[Path]:
        for path in self._root.glob("??/*"):
            if path.suffix == ".part" or (path.suffix == ".jpg" and SHA256.fullmatch(path.stem)):
                yield path

    def _missing(self, content_sha256: str) -> PictureMissing:
        return PictureMissing(
            f"The kept copy of picture {content_sha256[:12]}… is gone from {self._root}. "
            "Index its source again to bring it back."
        )


def _is_older(path: Path, deadline: float) -> bool:
    try:
        return path.stat().st_mtime < deadline
    except FileNotFoundError:
        return False
