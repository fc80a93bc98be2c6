"""From a request to a stored product."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.collections import Collections
from catalog.errors import ProductInvalid
from catalog.products import Products, Upserted
from catalog.records import MAX_IMAGES_PER_PRODUCT, ProductFields, ProductRecord
from embedding.errors import PictureError
from ingestion.products import PictureFile, upsert_product
from retrieval.batching import BatchingEmbedder
from retrieval.duplicates.possible import PossibleDuplicate
from retrieval.queries import PictureQuery
from service.errors import FieldProblem, FieldsInvalid
from service.pictures_in import (
    Addressed,
    Uploaded,
    asked_in_parts,
    contents,
    in_field,
    uploaded_base64,
)
from service.products.schemas import ProductForm, ProductRequest, PutForm, PutRequest
from service.reading import Form, checked, fields_of
from service.state import ServiceState


@dataclass(frozen=True)
class Sent:
    """A product as it came; `pictures` None leaves those it has as they are. `duplicates`: whether
    it is asked which other products show copies of its pictures."""

    fields: ProductFields
    collection: str
    pictures: tuple[Uploaded | Addressed, ...] | None
    duplicates: bool = False


@dataclass(frozen=True)
class Stored:
    upserted: Upserted
    product: ProductRecord
    sequence: int
    possible_duplicates: Sequence[PossibleDuplicate] | None = None


def sent_product(product_id: str, body: Form | dict[str, Any], state: ServiceState) -> Sent:
    """Raises FieldsInvalid, ProductInvalid, InField."""
    pictures: list[Uploaded | Addressed] | None
    if isinstance(body, Form):
        asked, others = asked_in_parts((*body.parts, *body.query), image="image", url="image_url")
        request: PutForm | PutRequest = checked(PutForm, fields_of(others))
        pictures = [each for each in asked if isinstance(each, Uploaded | Addressed)] or None
    else:
        request = checked(PutRequest, body)
        pictures = sent_pictures(request)
    return Sent(
        product_fields(product_id, request),
        request.collection or state.settings.collection,
        None if pictures is None else tuple(_few_enough(pictures)),
        request.duplicates,
    )


def product_fields(product_id: str, request: ProductForm) -> ProductFields:
    """Raises FieldsInvalid, ProductInvalid."""
    return ProductFields(
        external_id=product_id,
        title=request.title,
        url=request.url,
        category=request.category,
        price=request.price,
        attributes=_attributes(request.attributes),
    )


def sent_pictures(request: ProductRequest) -> list[Uploaded | Addressed] | None:
    """Raises InField."""
    if request.images is None and request.image_urls is None:
        return None
    uploads = [
        uploaded_base64(f"images[{place}]", text) for place, text in enumerate(request.images or ())
    ]
    addresses = [
        Addressed(f"image_urls[{place}]", url) for place, url in enumerate(request.image_urls or ())
    ]
    return _few_enough([*uploads, *addresses])


async def picture_files(
    pictures: Sequence[Uploaded | Addressed] | None, state: ServiceState
) -> list[PictureFile] | None:
    """The bytes of each picture, and the address of those that had one. Raises InField."""
    if pictures is None:
        return None
    return [
        PictureFile(content, picture.url if isinstance(picture, Addressed) else None)
        for picture, content in zip(pictures, await contents(pictures, state), strict=True)
    ]


def store(sent: Sent, files: Sequence[PictureFile] | None, state: ServiceState) -> Stored:
    """Committed, and searchable in this process, on return.

    Raises PictureError or InField(PictureError), ProductInvalid, CollectionUnknown, ModelError,
    DatabaseError.
    """
    if files is None:
        _check_has_pictures(sent, state)
    try:
        upserted = upsert_product(
            sent.fields,
            files,
            collection=sent.collection,
            database=state.home.database,
            pictures=state.home.pictures,
            embedder_of=lambda name: _embedder_of(name, state),
            limits=state.home.limits,
        )
    except PictureError as error:
        asked_with = [PictureQuery(file.content) for file in files or ()]
        raise in_field(error, sent.pictures or (), asked_with, state) from error
    state.keeper.refresh()
    with state.home.database.read() as connection:
        collection = Collections(connection).get(sent.collection)
        product = Products(connection).get(collection.id, sent.fields.external_id)
    duplicates = None
    if sent.duplicates:
        duplicates = state.engine.duplicates.of_product(sent.collection, product)
    return Stored(upserted, product, collection.last_sequence, duplicates)


def _embedder_of(collection: str, state: ServiceState) -> BatchingEmbedder:
    # A flip that this process has not noticed yet would refuse every attempt alike.
    state.keeper.refresh()
    return state.engine.follower.served(collection).embedder


def without_pictures(product_id: str) -> ProductInvalid:
    return ProductInvalid(
        f"Product {product_id[:80]!r} is new and comes without a picture. Send at least one as "
        "`image` (a file) or `image_url`; in JSON as `images` (base64) or `image_urls`."
    )


def _check_has_pictures(sent: Sent, state: ServiceState) -> None:
    with state.home.database.read() as connection:
        collection = Collections(connection).get(sent.collection)
        found = Products(connection).find(collection.id, sent.fields.external_id)
    if found is None:
        raise without_pictures(sent.fields.external_id)


def _few_enough(pictures: list[Uploaded | Addressed]) -> list[Uploaded | Addressed]:
    if not 1 <= len(pictures) <= MAX_IMAGES_PER_PRODUCT:
        raise ProductInvalid(
            f"{len(pictures)} pictures were sent; a product has 1 to {MAX_IMAGES_PER_PRODUCT}. "
            "Leave them out altogether to keep those that are stored."
        )
    return pictures


def _attributes(value: dict[str, Any] | str | None) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise FieldsInvalid(
                [FieldProblem("attributes", f'is not JSON ({error}); write {{"brand": "acme"}}')]
            ) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FieldsInvalid([FieldProblem("attributes", "must be a JSON object")])
    return value
