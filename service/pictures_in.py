"""Pictures in requests: uploaded, in base64, by address, or a product's own."""

import asyncio
import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from embedding.errors import PictureError, PictureUnreadable
from embedding.images import decode
from embedding.regions import Region
from fetching.errors import FetchError
from retrieval.queries import PictureQuery, ProductQuery, Query
from service.errors import InField
from service.forms import Part
from service.state import ServiceState

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_SPACE = re.compile(r"\s")


@dataclass(frozen=True)
class Uploaded:
    """The bytes of a picture; `field` is where in the request they stood."""

    field: str
    content: bytes


@dataclass(frozen=True)
class Addressed:
    field: str
    url: str


@dataclass(frozen=True)
class OfProduct:
    field: str
    product_id: str


Asked = Uploaded | Addressed | OfProduct


def asked_in_parts(
    parts: Iterable[Part], *, image: str, url: str, product_id: str | None = None
) -> tuple[list[Asked], list[Part]]:
    """The pictures of a form in the order sent, under the names given; and the parts left over.

    A repeated field is called by its name and place, as `image[1]`, when something is wrong.
    """
    asked: list[Asked] = []
    others: list[Part] = []
    met: dict[str, int] = {}
    for part in parts:
        if part.name not in (image, url, product_id):
            others.append(part)
            continue
        if part.name != image and not part.content:
            continue
        place = met.get(part.name, 0)
        met[part.name] = place + 1
        field = f"{part.name}[{place}]" if place else part.name
        if part.name == image:
            asked.append(Uploaded(field, part.content))
        elif part.name == url:
            asked.append(Addressed(field, part.text()))
        else:
            asked.append(OfProduct(field, part.text()))
    return asked, others


def uploaded_base64(field: str, text: str) -> Uploaded:
    """A picture in base64, or in a data: URL. Raises InField(PictureUnreadable)."""
    start = _DATA_URL.match(text[:300])
    encoded = text[start.end() :] if start else text
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        # Once more without the line breaks that some encoders put in.
        try:
            content = base64.b64decode(_SPACE.sub("", encoded), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InField(
                field,
                PictureUnreadable(
                    f"The picture is not valid base64 ({error}). Send the file's bytes in "
                    "base64, or as data:image/jpeg;base64,…"
                ),
            ) from error
    return Uploaded(field, content)


async def contents(asked: Sequence[Uploaded | Addressed], state: ServiceState) -> list[bytes]:
    """The bytes of each, in order; addresses are fetched side by side. Raises InField."""

    async def content(each: Uploaded | Addressed) -> bytes:
        return each.content if isinstance(each, Uploaded) else await _fetched(each, state)

    if not any(isinstance(each, Addressed) for each in asked):
        return [each.content for each in asked if isinstance(each, Uploaded)]
    # All are waited for, so that the error told is that of the first in the request, every time.
    results = await asyncio.gather(*map(content, asked), return_exceptions=True)
    found: list[bytes] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        found.append(result)
    return found


async def queries(
    asked: Sequence[Asked], state: ServiceState, region: Region | None = None
) -> list[Query]:
    """What the engine is asked with, in order; `region` is of every picture. Raises InField."""
    pictures = [each for each in asked if not isinstance(each, OfProduct)]
    fetched = iter(await contents(pictures, state))
    return [
        ProductQuery(each.product_id)
        if isinstance(each, OfProduct)
        else PictureQuery(next(fetched), region)
        for each in asked
    ]


def in_field(
    error: PictureError, asked: Sequence[Asked], asked_with: Sequence[Query], state: ServiceState
) -> Exception:
    """The error, with the name of the field whose picture it is about.

    Of several pictures it is found by decoding them once more: only a refused request pays.
    """
    pictures = [
        (each.field, query.content)
        for each, query in zip(asked, asked_with, strict=True)
        if isinstance(query, PictureQuery)
    ]
    if len(pictures) == 1:
        return InField(pictures[0][0], error)
    for field, content in pictures:
        try:
            decode(content, limits=state.home.limits, target_side=64)
        except PictureError as its_own:
            return InField(field, its_own)
    return error


async def _fetched(address: Addressed, state: ServiceState) -> bytes:
    try:
        return await state.threads.fetching.run(lambda: state.fetcher.fetch(address.url))
    except FetchError as error:
        raise InField(address.field, error) from error
