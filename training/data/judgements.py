"""Relative judgements: of two pictures, which one is closer to a third (S1's labels).

People disagree on whether two products are similar, and agree on which of two is more so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import Picture
from evaluation.sources.files import read_files
from evaluation.sources.table import Table
from training.errors import DataInvalid

COLUMNS = ("query", "closer", "farther")


@dataclass(frozen=True)
class Judgements:
    """Pictures, each once, and what was judged of them.

    `triplets`: int64 (judgements, 3), the places of query, closer and farther among `pictures`, in
    the order of the file, which is the order in which they arrived; a judgement made twice counts
    twice. `unreadable`: pictures that cannot be read, by name, and why; the `left_out` judgements
    are those that named one.
    """

    source: str
    pictures: tuple[Picture, ...]
    triplets: NDArray[np.int64]
    left_out: int = 0
    unreadable: Mapping[str, str] = field(default_factory=dict)


def read_judgements(path: Path, *, most_bytes: int) -> Judgements:
    """A CSV with the columns `query`, `closer` and `farther`: paths relative to the file.

    Raises SourceInvalid for a file that is no such CSV or names nothing that can be read,
    DataInvalid for judgements that contradict themselves or each other.
    """
    table = Table.read(path)
    rows = list(zip(*(table.column(name) for name in COLUMNS), strict=True))
    _check_named(path, rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    found = read_files(
        [(name, path.parent / name) for name in names], most_bytes=most_bytes, source=str(path)
    )
    pictures: list[Picture] = []
    places: dict[str, int] = {}
    place_of_content: dict[str, int] = {}
    for name, each in zip(names, found, strict=True):
        if isinstance(each, str):
            continue
        place = place_of_content.setdefault(each.content_sha256, len(pictures))
        if place == len(pictures):
            pictures.append(each)
        places[name] = place
    numbered = [
        (line, [places[name] for name in row])
        for line, row in enumerate(rows, start=2)
        if all(name in places for name in row)
    ]
    _check_agree(path, numbered)
    if not numbered:
        raise DataInvalid(
            f"{path}: every judgement names a picture that cannot be read. "
            f"The first: {next(name for name in names if name not in places)}."
        )
    return Judgements(
        source=str(path),
        pictures=tuple(pictures),
        triplets=np.array([row for _, row in numbered], dtype=np.int64),
        left_out=len(rows) - len(numbered),
        unreadable={
            name: each for name, each in zip(names, found, strict=True) if isinstance(each, str)
        },
    )


def _check_named(path: Path, rows: list[tuple[str, ...]]) -> None:
    for line, row in enumerate(rows, start=2):
        for column, name in zip(COLUMNS, row, strict=True):
            if not name:
                raise DataInvalid(
                    f"{path}, row {line}: `{column}` is empty. Name a picture in each of "
                    f"{', '.join(COLUMNS)}, or delete the row."
                )


def _check_agree(path: Path, numbered: list[tuple[int, list[int]]]) -> None:
    """Of contents, not of names: copies of one file are one picture."""
    said: dict[tuple[int, int, int], int] = {}
    for line, (query, closer, farther) in numbered:
        if closer == farther:
            raise DataInvalid(
                f"{path}, row {line}: `closer` and `farther` are the same picture. Delete the row."
            )
        if query in (closer, farther):
            column = "closer" if query == closer else "farther"
            raise DataInvalid(
                f"{path}, row {line}: `query` and `{column}` are the same picture; a picture says "
                "nothing about itself. Delete the row."
            )
        if earlier := said.get((query, farther, closer)):
            raise DataInvalid(
                f"{path}, row {line}: it says the contrary of row {earlier}. Keep the one that is "
                "right, or neither."
            )
        said.setdefault((query, closer, farther), line)
