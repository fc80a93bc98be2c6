"""A list of addresses: one picture a line, which is also its product's id."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from indexer.errors import ItemInvalid
from indexer.sources.lines import line_at, start_of_text, text_of
from indexer.sources.manifest import Format, Place, Row


class AddressListFormat(Format):
    """Web addresses, addresses of object stores, or paths; blank lines and `#` remarks are none.

    Raises ManifestInvalid for UTF-16.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._start = start_of_text(file)

    def places(self) -> Iterator[Place]:
        """See `Format.places`."""
        offset, line = self._start, 1
        while True:
            content, after = line_at(self._file, offset)
            if not content:
                return
            if content.strip() and not content.lstrip().startswith(b"#"):
                try:
                    yield Place(offset, line, text_of(content, line).strip())
                except ItemInvalid:
                    yield Place(offset, line, None)
            offset, line = after, line + 1

    def product_id(self, offset: int, line: int) -> str:
        """See `Format.product_id`."""
        return text_of(line_at(self._file, offset)[0], line).strip()

    def row(self, offset: int, line: int) -> Row:
        """See `Format.row`."""
        address = self.product_id(offset, line)
        return Row(line, address, None, None, None, None, {}, (address,))

    def notes(self) -> Sequence[str]:
        """See `Format.notes`."""
        return ()
