"""A CSV of pairs: `left`, `right`, and whether they are the `same`."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.errors import SourceInvalid
from evaluation.pictures import Picture, PictureSet
from evaluation.sources.files import read_files
from evaluation.sources.table import Table

COLUMNS = ("left", "right", "same")

_SAME = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def read_pairs_csv(path: Path, *, most_bytes: int) -> PictureSet:
    """Left pictures ask, right pictures are searched; paths are relative to the file.

    `same` holds 1, true or yes, else 0, false or no. Raises SourceInvalid.
    """
    table = Table.read(path)
    same = [_truth(path, row, text) for row, text in enumerate(table.column("same"), start=2)]
    pairs = list(zip(table.column("left"), table.column("right"), strict=True))
    _check_agree(path, pairs, same)
    # In the order of their first appearance: the right ones after all the left ones.
    names = list(dict.fromkeys([left for left, _ in pairs] + [right for _, right in pairs]))
    found = read_files(
        [(name, path.parent / name) for name in names], most_bytes=most_bytes, source=str(path)
    )
    pictures = [each for each in found if isinstance(each, Picture)]
    place = {each.name: number for number, each in enumerate(pictures)}
    answers: dict[bool, defaultdict[int, set[int]]] = {
        True: defaultdict(set),
        False: defaultdict(set),
    }
    for (left, right), is_same in zip(pairs, same, strict=True):
        if left in place and right in place:
            answers[is_same][place[left]].add(place[right])
    asking, searched = ({pair[side] for pair in pairs} for side in (0, 1))
    return PictureSet(
        source=str(path),
        pictures=tuple(pictures),
        labels={},
        queries=np.array([each.name in asking for each in pictures]),
        gallery=np.array([each.name in searched for each in pictures]),
        same={query: frozenset(found) for query, found in answers[True].items()},
        different={query: frozenset(found) for query, found in answers[False].items()},
        unreadable={
            name: each for name, each in zip(names, found, strict=True) if isinstance(each, str)
        },
    )


def _check_agree(path: Path, pairs: Sequence[tuple[str, str]], same: Sequence[bool]) -> None:
    said: dict[tuple[str, str], bool] = {}
    for row, (pair, is_same) in enumerate(zip(pairs, same, strict=True), start=2):
        if said.setdefault(pair, is_same) != is_same:
            raise SourceInvalid(
                f"{path}, row {row}: an earlier row says the contrary of {pair[0]} and {pair[1]}. "
                "Keep the one that is right."
            )


def _truth(path: Path, row: int, text: str) -> bool:
    if text.lower() not in _SAME:
        raise SourceInvalid(
            f"{path}, row {row}: `same` is {text!r}; write 1, true or yes, or 0, false or no."
        )
    return _SAME[text.lower()]
