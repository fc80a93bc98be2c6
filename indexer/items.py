"""What a source yields: products to be, and what could not become one."""

from dataclasses import dataclass
from pathlib import Path

from catalog.records import ProductFields


@dataclass(frozen=True)
class Reference:
    """Where a picture lies. `source` is kept with the picture and shown; `location` is a local
    file, or else an http(s) or fsspec address."""

    source: str
    location: Path | str


@dataclass(frozen=True)
class Item:
    """A product of the source. `position` counts items from 1; `remarks` are what is wrong with
    it although it can be indexed."""

    position: int
    fields: ProductFields
    references: tuple[Reference, ...]
    remarks: tuple[Exception, ...] = ()


@dataclass(frozen=True)
class BrokenItem:
    """What was met at a position and cannot be indexed; `item_id` when at least that is known."""

    position: int
    error: Exception
    item_id: str | None = None
    source: str | None = None
