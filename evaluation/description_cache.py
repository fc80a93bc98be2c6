"""Descriptions on disk: what one run worked out, the next one reads."""

import hashlib
import io
import logging
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from evaluation.contenders import Description

_log = logging.getLogger(__name__)


class DescriptionCache:
    """Descriptions by the contender's key and the picture's content, below one folder.

    A folder holds the descriptions of one key, in as many files as there were additions. It may be
    emptied at any time: what is missing or damaged is worked out again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str, contents: set[str]) -> dict[str, Description]:
        """content sha-256 -> description, of those that are kept."""
        found: dict[str, Description] = {}
        for path in sorted(self._folder(key).glob("*.npz")):
            try:
                found.update(_read(path, contents))
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                _log.warning("%s is damaged and is passed over: %s", path, error)
        return found

    def add(self, key: str, described: Mapping[str, Description]) -> None:
        """Keeps one or more descriptions: content sha-256 -> description, all of one contender.

        A disk that refuses costs the next run some time, and nothing else.
        """
        folder, name = self._folder(key), secrets.token_hex(8)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f"{name}.part"
            part.write_bytes(_packed(described))
            part.rename(folder / f"{name}.npz")
        except OSError as error:
            _log.warning("%s cannot be written: %s", folder, error.strerror)

    def _folder(self, key: str) -> Path:
        return self._root / hashlib.sha256(key.encode()).hexdigest()[:32]


def _packed(described: Mapping[str, Description]) -> bytes:
    """Vectors and tables alike as one table of rows, and how many rows each has."""
    tables = [np.atleast_2d(each) for each in described.values()]
    file = io.BytesIO()
    np.savez(
        file,
        contents=np.array(list(described), dtype="S64"),
        lengths=np.array([len(each) for each in tables]),
        vectors=np.array(next(iter(described.values())).ndim == 1),
        rows=np.concatenate(tables),
    )
    return file.getvalue()


def _read(path: Path, wanted: set[str]) -> dict[str, Description]:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        contents = [each.decode() for each in file["contents"]]
        if wanted.isdisjoint(contents):
            return {}
        lengths, vectors, rows = file["lengths"], bool(file["vectors"]), file["rows"]
    tables = np.split(rows, np.cumsum(lengths)[:-1])
    return {
        content: table[0] if vectors else table
        for content, table in zip(contents, tables, strict=True)
        if content in wanted
    }
