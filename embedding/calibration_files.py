"""Calibrations on disk: read, written whole or not at all, and watched at the cost of one stat."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from embedding.errors import ModelBroken
from embedding.match_probability import Calibration
from embedding.whole_files import write_whole

Stamp = tuple[int, int, int] | None
"""Changes whenever a file is replaced: its inode, length and time in ns; None where there is none.
"""


def stamp_of(file: Path) -> Stamp:
    """Raises ModelBroken where the disk does not tell, such as for want of a permission."""
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ModelBroken(f"{file} cannot be looked at ({error.strerror}).") from error
    return status.st_ino, status.st_size, status.st_mtime_ns


def read_calibration(file: Path) -> Calibration | None:
    """Of a model whose card is code; None where there is none. Raises ModelBroken."""
    try:
        return Calibration.model_validate_json(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no calibration"
        raise ModelBroken(
            f"{file} cannot be read ({reason}). Remove it, and calibrate the model again: "
            f"likeness calibrate --model classic."
        ) from error


def write_calibration(file: Path, calibration: Calibration | None) -> None:
    """None removes the file. Raises OSError."""
    if calibration is None:
        file.unlink(missing_ok=True)
    else:
        write_whole(file, calibration.model_dump_json(indent=2) + "\n")


@contextmanager
def writing_alone(folder: Path) -> Iterator[None]:
    """One program at a time: what another has added since it was read would be lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
