"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(file: Path, text: str) -> None:
    """As UTF-8; see `replacing`. Raises OSError."""
    with replacing(file) as written:
        written.write(text.encode())


@contextmanager
def replacing(file: Path) -> Iterator[BinaryIO]:
    """What is written takes the place of `file` at the end, durably, unless something goes wrong.

    Whoever reads `file` meanwhile, or after a crash, finds the old content or the new one. Raises
    OSError.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", suffix=".part", dir=file.parent)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        # As any other file of its folder: what makes it is for its owner alone.
        aside.chmod(0o644)
        aside.replace(file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
