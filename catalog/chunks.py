"""Long lists in pieces that one SQL statement takes."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

# SQLite takes 32766 parameters in a statement; far below, a statement stays cheap to compile.
_CHUNK = 500

_Item = TypeVar("_Item")


def chunks(items: Sequence[_Item]) -> Iterable[Sequence[_Item]]:
    """The items in order, some hundreds at a time; nothing when there are none."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
