"""JSON Lines: one product, an object, a line."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from indexer.errors import ItemInvalid
from indexer.sources.lines import line_at, start_of_text, text_of
from indexer.sources.manifest import Format, Place, Row
from indexer.sources.values import price_of

_OWN = {"id", "image", "images", "title", "price", "category", "url", "attributes"}


class JsonLinesFormat(Format):
    """Objects with `id` (or `product_id`), `image` or `images`, and the other fields.

    A picture is a text, or an object with `url` or `path`. Attributes are inline, or gathered
    under `attributes`; null is absent. Raises ManifestInvalid for UTF-16.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._start = start_of_text(file)

    def places(self) -> Iterator[Place]:
        """See `Format.places`; lines that are blank are no rows."""
        offset, line = self._start, 1
        while True:
            content, after = line_at(self._file, offset)
            if not content:
                return
            if content.strip():
                try:
                    yield Place(offset, line, _id_of(_object(content, line), line))
                except ItemInvalid:
                    yield Place(offset, line, None)
            offset, line = after, line + 1

    def product_id(self, offset: int, line: int) -> str:
        """See `Format.product_id`."""
        content, _ = line_at(self._file, offset)
        return _id_of(_object(content, line), line)

    def row(self, offset: int, line: int) -> Row:
        """See `Format.row`."""
        content, _ = line_at(self._file, offset)
        fields = _object(content, line)
        product_id = _id_of(fields, line)
        return Row(
            line=line,
            product_id=product_id,
            title=_text(fields, "title", line),
            url=_text(fields, "url", line),
            category=_text(fields, "category", line),
            price=price_of(fields.get("price"), line),
            attributes=_attributes(fields, line),
            pictures=(*_pictures(fields, "image", line), *_pictures(fields, "images", line)),
        )

    def notes(self) -> Sequence[str]:
        """See `Format.notes`."""
        return ()


def _object(content: bytes, line: int) -> dict[str, Any]:
    text = text_of(content, line)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ItemInvalid(f"Line {line}: it is not valid JSON ({error}). Correct it.") from error
    if not isinstance(value, dict):
        raise ItemInvalid(
            f'Line {line}: a product is an object, {{"id": …, "image": …}}, not a '
            f"{type(value).__name__}."
        )
    return value


def _id_of(fields: dict[str, Any], line: int) -> str:
    product_id = fields.get("id", fields.get("product_id"))
    if isinstance(product_id, int) and not isinstance(product_id, bool):
        return str(product_id)
    if not isinstance(product_id, str) or not product_id.strip():
        raise ItemInvalid(f"Line {line}: it has no `id`, a text or whole number. Give it one.")
    return product_id.strip()


def _text(fields: dict[str, Any], name: str, line: int) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise ItemInvalid(f"Line {line}: `{name}` must be a text, not a {type(value).__name__}.")


def _attributes(fields: dict[str, Any], line: int) -> dict[str, Any]:
    gathered = fields.get("attributes") or {}
    if not isinstance(gathered, dict):
        raise ItemInvalid(f"Line {line}: `attributes` must be an object of names and values.")
    own = _OWN if "id" in fields else _OWN | {"product_id"}
    inline = {name: value for name, value in fields.items() if name not in own}
    return {name: value for name, value in (inline | gathered).items() if value is not None}


def _pictures(fields: dict[str, Any], name: str, line: int) -> list[str]:
    value = fields.get(name)
    if value is None:
        return []
    pictures: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        picture = (each.get("url") or each.get("path")) if isinstance(each, dict) else each
        if not isinstance(picture, str):
            raise ItemInvalid(
                f'Line {line}: `{name}` must be a text, {{"url": …}}, {{"path": …}}, or a list of '
                "these."
            )
        pictures += [picture.strip()] if picture.strip() else []
    return pictures
