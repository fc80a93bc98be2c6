"""A file that describes products, whatever its format: rows of one id become one product."""

import hashlib
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np

from catalog.errors import ProductInvalid
from catalog.records import ProductFields, Scalar
from indexer.errors import ItemError, ItemInvalid, ManifestInvalid, ReferenceRefused
from indexer.items import BrokenItem, Item, Reference
from indexer.sources.references import ReferenceRules
from indexer.sources.source import Source


@dataclass(frozen=True)
class Row:
    """One row of a manifest as it was written. `attributes` without those that are empty;
    `pictures` as the manifest names them."""

    line: int
    product_id: str
    title: str | None
    url: str | None
    category: str | None
    price: float | None
    attributes: dict[str, Scalar]
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a row begins, and its product's id; None for a row that is broken."""

    offset: int
    line: int
    product_id: str | None


class Format(Protocol):
    """How rows are written in a file."""

    def places(self) -> Iterator[Place]:
        """Every row of the file, in order, broken ones too. Raises ManifestInvalid."""
        ...

    def product_id(self, offset: int, line: int) -> str:
        """The id of the row that begins there, not empty. Raises ItemInvalid."""
        ...

    def row(self, offset: int, line: int) -> Row:
        """The row that begins there. Raises ItemInvalid."""
        ...

    def notes(self) -> Sequence[str]:
        """What was left out of every row."""
        ...


class ManifestSource(Source):
    """The products of a manifest, in the order of their first rows.

    Rows of one product need not follow one another: a first pass notes where each row begins
    (32 bytes a row are kept, so a million rows take 32 MB), the second reads product by product.
    Fields come from the first row that has them; an attribute that the rows of a product disagree
    about (such as the view of each picture) is left out, and so is nothing else.
    """

    def __init__(
        self, form: Format, rules: ReferenceRules, *, file: BinaryIO, version: str
    ) -> None:
        """`file` is what `form` reads from; it is closed with the source.

        Raises ManifestInvalid.
        """
        self._file = file
        self._format = form
        self._rules = rules
        self.version = version
        self._index()

    def items(self, *, after: int = 0) -> Iterator[Item | BrokenItem]:
        """See `Source.items`."""
        for position in range(after + 1, self._count + 1):
            first, last = self._bounds[position - 1], self._bounds[position]
            yield self._item(position, self._order[first:last].tolist())

    def notes(self) -> Sequence[str]:
        """See `Source.notes`."""
        return self._format.notes()

    def close(self) -> None:
        self._file.close()

    def _index(self) -> None:
        """Group the rows by id: `_order[_bounds[i]:_bounds[i + 1]]` are those of the i-th item."""
        self._offsets = array("q")
        self._lines = array("q")
        keys = array("q")
        for place in self._format.places():
            self._offsets.append(place.offset)
            self._lines.append(place.line)
            keys.append(_key(place))
        by_key = np.array(keys, dtype=np.int64)
        # Stable, so that the rows of a product stay in their order.
        order = np.argsort(by_key, kind="stable")
        starts = np.flatnonzero(np.diff(by_key[order], prepend=~by_key[order[:1]]))
        sizes = np.diff(starts, append=len(order))
        first_rows = np.empty_like(order)
        first_rows[order] = np.repeat(order[starts], sizes)
        self._order = np.argsort(first_rows, kind="stable")
        in_turn = np.argsort(order[starts], kind="stable")
        self._bounds = np.concatenate([[0], np.cumsum(sizes[in_turn])])
        self._count = self.total = len(starts)

    def _item(self, position: int, places: Sequence[int]) -> Item | BrokenItem:
        rows: list[Row] = []
        problems: list[Exception] = []
        for place in places:
            try:
                rows.append(self._format.row(self._offsets[place], self._lines[place]))
            except ItemInvalid as error:
                problems.append(error)
        if not rows:
            return BrokenItem(
                position, problems[0], self._product_id(places[0]), f"line {self._lines[places[0]]}"
            )
        product_id = rows[0].product_id
        references, refused = self._references(rows)
        problems += refused
        try:
            fields = _merged(rows)
            if not references:
                raise problems[0] if problems else _pictureless(rows[0])
        except (ProductInvalid, ItemError) as error:
            named = _at_line(error, rows[0].line)
            return BrokenItem(position, named, item_id=product_id, source=None)
        return Item(position, fields, references, tuple(problems))

    def _product_id(self, place: int) -> str | None:
        try:
            return self._format.product_id(self._offsets[place], self._lines[place])
        except ItemInvalid:
            return None

    def _references(self, rows: Sequence[Row]) -> tuple[tuple[Reference, ...], list[Exception]]:
        references: dict[Reference, None] = {}
        refused: list[Exception] = []
        for row in rows:
            for picture in row.pictures:
                try:
                    references[self._rules.reference(picture)] = None
                except (ItemInvalid, ReferenceRefused) as error:
                    refused.append(_at_line(error, row.line))
        return tuple(references), refused


def snapshot(file: BinaryIO, limit: int) -> tuple[BinaryIO, str]:
    """A private copy of a manifest, and the sha-256 of its content.

    Whatever is done to the manifest while the job runs, the rows stay where they were found.
    Raises ManifestInvalid when it is larger than `limit` bytes, OSError.
    """
    copy: BinaryIO = tempfile.TemporaryFile(prefix="likeness-manifest-")  # noqa: SIM115
    digest = hashlib.sha256()
    size = 0
    while piece := file.read(1 << 20):
        size += len(piece)
        if size > limit:
            copy.close()
            raise ManifestInvalid(
                f"The manifest has more than {limit:,} bytes. Split it, or raise "
                "LIKENESS_MANIFEST_MAX_BYTES."
            )
        digest.update(piece)
        copy.write(piece)
    copy.seek(0)
    return copy, digest.hexdigest()


def _key(place: Place) -> int:
    """64 bits that stand for a product; a broken row stands for itself."""
    if place.product_id is None:
        named = b"broken %d" % place.offset
    else:
        named = b"id " + place.product_id.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big", signed=True)


def _merged(rows: Sequence[Row]) -> ProductFields:
    attributes: dict[str, Scalar] = {}
    disputed: set[str] = set()
    for row in rows:
        for name, value in row.attributes.items():
            if attributes.setdefault(name, value) != value:
                disputed.add(name)
    return ProductFields(
        rows[0].product_id,
        title=next((row.title for row in rows if row.title is not None), None),
        url=next((row.url for row in rows if row.url is not None), None),
        category=next((row.category for row in rows if row.category is not None), None),
        price=next((row.price for row in rows if row.price is not None), None),
        attributes={name: value for name, value in attributes.items() if name not in disputed},
    )


def _pictureless(row: Row) -> ItemInvalid:
    return ItemInvalid(
        f"Product {row.product_id[:80]!r} names no picture. Fill in its column `image`."
    )


def _at_line(error: Exception, line: int) -> Exception:
    """The error, with the place in its text; its code stays."""
    text = str(error)
    return error if text.startswith("Line ") else type(error)(f"Line {line}: {text}")
