"""From ready pictures to stored products."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from catalog.collections import Collections
from catalog.database import Database
from catalog.errors import ModelChanged, PicturesChanged
from catalog.pictures import PictureFolder
from catalog.products import Products, Upserted
from catalog.records import ProductFields, ProductInput, StoredImage
from embedding.embedder import Embedder
from embedding.images import DecodeLimits
from ingestion.pictures import ReadyPicture, ready_picture

ATTEMPTS = 3
"""A model flips, or another writer meets the same product, now and then: thrice is a fault."""


@dataclass(frozen=True)
class ReadyProduct:
    """A product whose pictures are ready; `pictures` None leaves those it has as they are."""

    fields: ProductFields
    pictures: tuple[ReadyPicture | StoredImage, ...] | None


@dataclass(frozen=True)
class PictureFile:
    """The bytes of a picture and where they came from (path or address), if from anywhere."""

    content: bytes
    source: str | None = None


def ready_product(
    fields: ProductFields,
    files: Sequence[PictureFile],
    *,
    known: Set[str],
    pictures: PictureFolder,
    embedder: Embedder,
    limits: DecodeLimits,
) -> ReadyProduct:
    """Decode and prepare the pictures of one product, and keep their copies once all are good.

    `known`: sha-256 of its pictures that are stored and embedded already. A product with a picture
    that cannot be used leaves nothing behind. Raises PictureError, StorageFull.
    """
    copies: dict[str, bytes] = {}
    ready = tuple(
        ready_picture(
            file.content,
            source=file.source,
            embedder=embedder,
            limits=limits,
            is_known=lambda sha256: sha256 in known and pictures.has(sha256),
            keep=copies.__setitem__,
        )
        for file in files
    )
    for content_sha256, copy in copies.items():
        pictures.keep(content_sha256, copy)
    return ReadyProduct(fields, ready)


def embedded(product: ReadyProduct, *, embedder: Embedder) -> ProductInput:
    """Embed the pictures of a product together; ready to be committed.

    Their copies must have been kept already, so that no row is ever without one.
    """
    if product.pictures is None:
        return ProductInput(product.fields, None)
    fresh = [each.prepared for each in product.pictures if isinstance(each, ReadyPicture)]
    vectors = iter(embedder.embed_prepared(fresh) if fresh else ())
    return ProductInput(
        product.fields,
        tuple(
            each.with_vector(next(vectors)) if isinstance(each, ReadyPicture) else each
            for each in product.pictures
        ),
    )


def upsert_product(
    fields: ProductFields,
    files: Sequence[PictureFile] | None,
    *,
    collection: str,
    database: Database,
    pictures: PictureFolder,
    embedder_of: Callable[[str], Embedder],
    limits: DecodeLimits,
) -> Upserted:
    """Store one product, committed on return; `files` None leaves its pictures as they are.

    `embedder_of(collection)` is asked again when the collection's model flips meanwhile.

    Raises:
        PictureError: a picture cannot be used; nothing was stored.
        CollectionUnknown, ModelError, StorageFull, DatabaseError.
    """
    for attempt in range(ATTEMPTS):
        embedder = embedder_of(collection)
        ready = _ready(
            fields,
            files,
            collection=collection,
            database=database,
            pictures=pictures,
            embedder=embedder,
            limits=limits,
        )
        product = embedded(ready, embedder=embedder)
        try:
            with database.write() as connection:
                locked = Collections(connection).locked(
                    collection, model_fingerprint=embedder.card.fingerprint
                )
                return Products(connection).upsert(locked, [product])[0]
        except (ModelChanged, PicturesChanged):
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def known_contents(
    external_ids: Sequence[str],
    *,
    collection: str,
    database: Database,
    model_fingerprint: str,
) -> dict[str, set[str]]:
    """external id -> sha-256 of its pictures that are stored and embedded by the model."""
    with database.read() as connection:
        found = Collections(connection).get(collection)
        return Products(connection).stored_contents(found.id, external_ids, model_fingerprint)


def _ready(
    fields: ProductFields,
    files: Sequence[PictureFile] | None,
    *,
    collection: str,
    database: Database,
    pictures: PictureFolder,
    embedder: Embedder,
    limits: DecodeLimits,
) -> ReadyProduct:
    if files is None:
        return ReadyProduct(fields, None)
    known = known_contents(
        [fields.external_id],
        collection=collection,
        database=database,
        model_fingerprint=embedder.card.fingerprint,
    ).get(fields.external_id, set())
    return ready_product(
        fields, files, known=known, pictures=pictures, embedder=embedder, limits=limits
    )
