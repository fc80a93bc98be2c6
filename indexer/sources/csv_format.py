"""CSV: one header line, then a row a line, or several when a quoted cell holds line breaks."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from catalog.records import ATTRIBUTE_NAME, Scalar
from indexer.errors import ItemInvalid, ManifestInvalid
from indexer.sources.lines import line_at, start_of_text, text_of
from indexer.sources.manifest import Format, Place, Row
from indexer.sources.values import price_of

_DELIMITERS = (",", ";", "\t")
_OWN = {"id", "image", "images", "title", "price", "category", "url"}
# A row that goes on for longer has lost a quotation mark on the way.
_MOST_LINES_OF_A_ROW = 200
# As JSON would write it, and exact: no leading zero (those are codes), at most 15 digits.
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?")


class CsvFormat(Format):
    """UTF-8 with or without a mark; commas, semicolons or tabs, whichever the header has.

    A row that is not well formed is broken alone: reading goes on at the line after its first.
    Raises ManifestInvalid when there is no header with an id and a picture column.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = start_of_text(file)
        header, self._first_row = line_at(file, start)
        self._delimiter, self._columns = _header(header)
        self._left_out = [
            name
            for name in self._columns
            if name and name not in _OWN and not ATTRIBUTE_NAME.fullmatch(name)
        ]

    def places(self) -> Iterator[Place]:
        """See `Format.places`; lines that are blank are no rows."""
        offset, line = self._first_row, 2
        while True:
            first, after_first = line_at(self._file, offset)
            if not first:
                return
            if not first.strip():
                offset, line = after_first, line + 1
                continue
            try:
                cells, after, lines = self._cells(offset, line)
                product_id = _id_of(self._named(cells, line), line)
            except ItemInvalid:
                yield Place(offset, line, None)
                offset, line = after_first, line + 1
            else:
                yield Place(offset, line, product_id)
                offset, line = after, line + lines

    def product_id(self, offset: int, line: int) -> str:
        """See `Format.product_id`."""
        cells, _, _ = self._cells(offset, line)
        return _id_of(self._named(cells, line), line)

    def row(self, offset: int, line: int) -> Row:
        """See `Format.row`."""
        cells, _, _ = self._cells(offset, line)
        named = {name: cell.strip() for name, cell in self._named(cells, line).items()}
        return Row(
            line=line,
            product_id=_id_of(named, line),
            title=named.get("title") or None,
            url=named.get("url") or None,
            category=named.get("category") or None,
            price=price_of(named.get("price") or None, line),
            attributes={
                name: _value(cell)
                for name, cell in named.items()
                if cell and name not in _OWN and name not in self._left_out
            },
            pictures=(
                *_pictures(named.get("image", ""), line),
                *_pictures(named.get("images", ""), line),
            ),
        )

    def notes(self) -> Sequence[str]:
        """Columns that cannot be attributes."""
        if not self._left_out:
            return ()
        return [
            f"Columns left out, for their names cannot be used in filters: "
            f"{', '.join(map(repr, self._left_out[:10]))}. Rename them to letters, digits, "
            "'_', '-', '.' and spaces, beginning with a letter."
        ]

    def _cells(self, offset: int, line: int) -> tuple[list[str], int, int]:
        """The cells of the row, where the next row begins, and how many lines this one has."""
        end, lines = offset, 0

        def texts() -> Iterator[str]:
            nonlocal end, lines
            while lines < _MOST_LINES_OF_A_ROW:
                content, end = line_at(self._file, end)
                if not content:
                    return
                lines += 1
                yield text_of(content, line + lines - 1)

        try:
            cells = next(csv.reader(texts(), delimiter=self._delimiter, strict=True))
        except (csv.Error, StopIteration) as error:
            raise ItemInvalid(
                f"Line {line}: its quotation marks do not match, or a cell is too long ({error}). "
                'Put cells with quotation marks or line breaks into "…", and double those inside.'
            ) from error
        return cells, end, lines

    def _named(self, cells: Sequence[str], line: int) -> dict[str, str]:
        if len(cells) > len(self._columns) and any(c.strip() for c in cells[len(self._columns) :]):
            raise ItemInvalid(
                f"Line {line}: it has {len(cells)} cells, but the header {len(self._columns)}. "
                f'Put cells that hold {self._delimiter!r} into "…".'
            )
        return {name: cell for name, cell in zip(self._columns, cells, strict=False) if name}


def _header(line: bytes) -> tuple[str, list[str]]:
    """The delimiter, and the names of the columns: own ones in lower case, "" for nameless."""
    try:
        text = text_of(line, 1)
        rows = {
            delimiter: next(csv.reader([text], delimiter=delimiter, strict=True), [])
            for delimiter in _DELIMITERS
        }
    except (csv.Error, ItemInvalid) as error:
        raise ManifestInvalid(
            f"The manifest's first line cannot be read as column names: {error}"
        ) from error
    delimiter = max(_DELIMITERS, key=lambda each: len(rows[each]))
    columns = [_column(name) for name in rows[delimiter]]
    if "id" not in columns and "product_id" in columns:
        columns[columns.index("product_id")] = "id"
    found = ", ".join(name for name in columns if name)[:300] or "nothing"
    if "id" not in columns:
        raise ManifestInvalid(
            f"The manifest has no column `id` (or `product_id`); its first line names: {found}."
        )
    if not {"image", "images"} & set(columns):
        raise ManifestInvalid(
            f"The manifest has no column `image` (or `images`); its first line names: {found}."
        )
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    if repeated:
        raise ManifestInvalid(f"The manifest has more than one column {repeated[0]!r}; rename one.")
    return delimiter, columns


def _column(name: str) -> str:
    name = name.strip()
    return name.lower() if name.lower() in _OWN | {"product_id"} else name


def _pictures(cell: str, line: int) -> list[str]:
    if not cell.startswith("["):
        return [name.strip() for name in cell.split("|") if name.strip()]
    try:
        names = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise ItemInvalid(
            f'Line {line}: the pictures {cell[:60]!r} are no JSON list. Write ["a.jpg", "b.jpg"], '
            "or a.jpg|b.jpg."
        ) from error
    if not all(isinstance(name, str) for name in names):
        raise ItemInvalid(f"Line {line}: the pictures {cell[:60]!r} are not all texts.")
    return [name.strip() for name in names if name.strip()]


def _value(cell: str) -> Scalar:
    if cell in ("true", "false"):
        return cell == "true"
    if _NUMBER.fullmatch(cell) and cell != "-0":
        return float(cell) if "." in cell else int(cell)
    return cell


def _id_of(named: dict[str, str], line: int) -> str:
    product_id = named.get("id", "").strip()
    if not product_id:
        raise ItemInvalid(f"Line {line}: it has no id. Give each product an id.")
    return product_id
