"""A part of the page: what is asked, the tables that answer it, and what to heed in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.intervals import Interval
from evaluation.quality.setting import Setting


@dataclass(frozen=True)
class Table:
    """`command` reproduces it alone, in a console; `notes` say on what split and how many queries.
    Texts are Markdown."""

    title: str
    command: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """Under one heading; `text` comes before the tables."""

    title: str
    text: str
    tables: Sequence[Table]


Measure = Callable[[Setting], Section]
"""Makes a section: what it needs is in the setting, and everything it works out is kept there."""


def percent(interval: Interval) -> str:
    """A share with the bounds that hold it."""
    return f"{100 * interval.mean:.1f} ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def points(interval: Interval) -> str:
    """A difference of two shares, which may be below 0."""
    return f"{100 * interval.mean:+.1f} ({100 * interval.low:+.1f} to {100 * interval.high:+.1f})"
