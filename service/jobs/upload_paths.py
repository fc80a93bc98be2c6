"""Names of uploaded files -> paths below the upload's folder, and nowhere else."""

import re
import unicodedata
from pathlib import PurePosixPath

from service.errors import UploadRefused

LONGEST_NAME = 255
LONGEST_PATH = 1024
"""In bytes of UTF-8: what file systems take of one name, and a bound for all of it."""

_DRIVE = re.compile(r"[A-Za-z]:")
# Marks that have the rest of a name shown in another order, so that it passes for another name.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def checked_path(name: str) -> PurePosixPath:
    """The path that a file is stored under, relative, with "/" between its parts.

    Raises UploadRefused for one that leads elsewhere, cannot be stored, or does not show what it
    is.
    """
    parts = name.split("/")
    reason = _outside(name, parts) or _unstorable(name, parts)
    if reason:
        raise UploadRefused(
            f"The file {_shown(name)} {reason} Name each file by its place inside the folder, "
            "such as mugs/red.jpg, and send it again. Nothing was kept."
        )
    return PurePosixPath(name)


def _outside(name: str, parts: list[str]) -> str | None:
    if not name:
        return "has no name."
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute path."
    if ".." in parts:
        return "has '..' in its path."
    if "\\" in name:
        return "has a backslash in its path, where '/' is expected."
    if "" in parts or "." in parts:
        return "has an empty part or '.' in its path."
    return None


def _unstorable(name: str, parts: list[str]) -> str | None:
    if any(unicodedata.category(each) in _UNSEEN or each in _TURNING for each in name):
        return "has control characters in its name."
    if max(len(part.encode()) for part in parts) > LONGEST_NAME:
        return f"has a name of more than {LONGEST_NAME} bytes."
    if len(name.encode()) > LONGEST_PATH:
        return f"has a path of more than {LONGEST_PATH:,} bytes."
    return None


def _shown(name: str) -> str:
    """Quoted, with whatever cannot be seen written out, and cut where it is long."""
    return repr(name[:80]) + ("…" if len(name) > 80 else "")
