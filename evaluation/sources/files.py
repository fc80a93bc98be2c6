"""Picture files of this machine, read once to learn what they hold."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evaluation.errors import SourceInvalid
from evaluation.pictures import Picture

_THREADS = 2 * (os.cpu_count() or 1)


def read_files(
    named: Sequence[tuple[str, Path]], *, most_bytes: int, source: str
) -> list[Picture | str]:
    """(name, path) -> the picture, or why it cannot be one, in the same order.

    Raises SourceInvalid when there is none that can be read.
    """

    def read(each: tuple[str, Path]) -> Picture | str:
        name, path = each
        try:
            if path.stat().st_size > most_bytes:
                return f"It has more than {most_bytes:,} bytes (LIKENESS_PICTURE_MAX_BYTES)."
            content = path.read_bytes()
        except OSError as error:
            return f"The file cannot be read ({error.strerror})."
        return Picture(name, hashlib.sha256(content).hexdigest(), path.read_bytes)

    with ThreadPoolExecutor(_THREADS, "read") as pool:
        found = list(pool.map(read, named))
    if not any(isinstance(each, Picture) for each in found):
        reason = f" The first: {named[0][0]}: {found[0]}" if found else ""
        raise SourceInvalid(f"{source} names no picture that can be read.{reason}")
    return found
