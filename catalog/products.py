"""Products and their pictures: the batch upsert that every way in ends at, reads and deletes.

A picture is its content: the same bytes under the same product are the same image row, whatever
file or address they came from. A changed picture is a new row with a new id.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from catalog.changes import Changes
from catalog.chunks import chunks
from catalog.errors import ProductUnknown
from catalog.filters import Filter, clause
from catalog.image_difference import ImageDifference
from catalog.records import (
    CollectionRecord,
    ImageRecord,
    ProductFields,
    ProductInput,
    ProductRecord,
    is_storable,
)
from catalog.tables import Embedding, Image, Product


@dataclass(frozen=True)
class Upserted:
    """What one product's upsert did."""

    external_id: str
    created: bool
    images_added: int
    images_removed: int


class Products:
    """Reads and writes of products and images, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, collection_id: int, external_id: str) -> ProductRecord | None:
        """The product with its pictures in order, or None."""
        rows = self._by_external_id(collection_id, [external_id])
        if not rows:
            return None
        return self._with_images(list(rows.values()))[0]

    def get(self, collection_id: int, external_id: str) -> ProductRecord:
        """Raises ProductUnknown."""
        found = self.find(collection_id, external_id)
        if found is None:
            raise ProductUnknown(
                f"There is no product {external_id[:80]!r} in this collection; check the id, or "
                "add it with PUT /v1/products/ID."
            )
        return found

    def page(
        self, collection_id: int, *, limit: int, offset: int = 0, wanted: Filter | None = None
    ) -> list[ProductRecord]:
        """Products in the order they were added, with their pictures."""
        rows = self._connection.execute(
            select(Product.__table__)
            .where(Product.collection_id == collection_id, clause(wanted or Filter()))
            .order_by(Product.id)
            .limit(limit)
            .offset(offset)
        ).all()
        return self._with_images(rows)

    def count(self, collection_id: int, wanted: Filter | None = None) -> int:
        return self._connection.execute(
            select(func.count())
            .select_from(Product)
            .where(Product.collection_id == collection_id, clause(wanted or Filter()))
        ).scalar_one()

    def of_images(self, image_ids: Sequence[int]) -> dict[int, tuple[ImageRecord, ProductRecord]]:
        """The image and its product (without its other images) of each id that still exists."""
        found: dict[int, tuple[ImageRecord, ProductRecord]] = {}
        products: dict[int, ProductRecord] = {}
        for chunk in chunks(image_ids):
            for row in self._connection.execute(_OF_IMAGES, {"image_ids": chunk}).all():
                image = ImageRecord(*row[: len(_IMAGE_COLUMNS)])
                if image.product_id not in products:
                    products[image.product_id] = ProductRecord(*row[len(_IMAGE_COLUMNS) :])
                found[image.id] = image, products[image.product_id]
        return found

    def images_of_content(
        self, collection_id: int, content_sha256: str, besides: int
    ) -> list[tuple[ImageRecord, ProductRecord]]:
        """Pictures of these very bytes in a collection, one a product, `besides` left out."""
        ids = self._connection.execute(
            select(func.min(Image.id))
            .where(
                Image.content_sha256 == content_sha256,
                Image.collection_id == collection_id,
                Image.product_id != besides,
            )
            .group_by(Image.product_id)
            .order_by(func.min(Image.id))
            .limit(_MOST_OF_A_CONTENT)
        )
        return list(self.of_images([row[0] for row in ids]).values())

    def product_ids_of_images(self, image_ids: Sequence[int]) -> dict[int, int]:
        """image id -> product row id, of those that still exist."""
        found: dict[int, int] = {}
        for chunk in chunks(image_ids):
            rows = self._connection.execute(_PRODUCT_IDS, {"image_ids": chunk}).all()
            found.update((row[0], row[1]) for row in rows)
        return found

    def stored_contents(
        self, collection_id: int, external_ids: Sequence[str], model_fingerprint: str
    ) -> dict[str, set[str]]:
        """external id -> sha-256 of the pictures already stored and embedded by that model."""
        stored: dict[str, set[str]] = {}
        for chunk in chunks(_storable(external_ids)):
            rows = self._connection.execute(
                select(Product.external_id, Image.content_sha256)
                .join(Image, Image.product_id == Product.id)
                .join(Embedding, Embedding.image_id == Image.id)
                .where(
                    Product.collection_id == collection_id,
                    Product.external_id.in_(chunk),
                    Embedding.model_fingerprint == model_fingerprint,
                )
            )
            for external_id, content_sha256 in rows:
                stored.setdefault(external_id, set()).add(content_sha256)
        return stored

    def upsert(
        self,
        collection: CollectionRecord,
        products: Sequence[ProductInput],
        *,
        seen_job_id: int | None = None,
    ) -> list[Upserted]:
        """Write products and pictures as given, and tell the change sequence.

        `collection` must have been locked in this transaction, and every vector be of its model.
        A StoredImage must be there and embedded (the caller asked `stored_contents` in this or an
        earlier transaction); pictures of a product which are not
        handed in are removed, unless its `images` is None. Ids must not repeat within a batch.

        Raises:
            PicturesChanged: a StoredImage is gone meanwhile; nothing was written.
        """
        before = self._by_external_id(collection.id, [p.fields.external_id for p in products])
        ids = self._write_fields(collection.id, products, before, seen_job_id)
        batch = ImageDifference(collection, products, ids, self._images_of(list(ids.values())))
        self._write_images(collection, batch)
        return [
            Upserted(
                external_id=product.fields.external_id,
                created=product.fields.external_id not in before,
                images_added=batch.added_count(ids[product.fields.external_id]),
                images_removed=batch.removed_count(ids[product.fields.external_id]),
            )
            for product in products
        ]

    def mark_seen(self, collection_id: int, external_ids: Sequence[str], job_id: int) -> None:
        """Note that a job met these products in its source, even if it could not read them."""
        for chunk in chunks(_storable(external_ids)):
            self._connection.execute(
                update(Product)
                .where(Product.collection_id == collection_id, Product.external_id.in_(chunk))
                .values(seen_job_id=job_id)
            )

    def unseen(self, collection_id: int, job_id: int, limit: int) -> list[str]:
        """External ids of products that the job did not meet in its source."""
        rows = self._connection.execute(
            select(Product.external_id)
            .where(
                Product.collection_id == collection_id,
                or_(Product.seen_job_id.is_(None), Product.seen_job_id != job_id),
            )
            .order_by(Product.id)
            .limit(limit)
        )
        return [row[0] for row in rows]

    def delete(self, collection: CollectionRecord, external_ids: Sequence[str]) -> int:
        """Remove products with their pictures; how many there were. The row must be locked."""
        ids = [row.id for row in self._by_external_id(collection.id, external_ids).values()]
        removed = [image.id for images in self._images_of(ids).values() for image in images]
        for chunk in chunks(ids):
            self._connection.execute(delete(Product).where(Product.id.in_(chunk)))
        Changes(self._connection).record(collection, deletes=removed)
        return len(ids)

    def contents_in_use(self, content_sha256s: Iterable[str]) -> set[str]:
        """Those of the given contents that some image, in any collection, still shows."""
        found: set[str] = set()
        for chunk in chunks(list(content_sha256s)):
            rows = self._connection.execute(
                select(Image.content_sha256).where(Image.content_sha256.in_(chunk)).distinct()
            )
            found.update(row[0] for row in rows)
        return found

    def _by_external_id(
        self, collection_id: int, external_ids: Sequence[str]
    ) -> dict[str, Row[Any]]:
        found: dict[str, Row[Any]] = {}
        for chunk in chunks(_storable(external_ids)):
            rows = self._connection.execute(
                select(Product.__table__).where(
                    Product.collection_id == collection_id, Product.external_id.in_(chunk)
                )
            )
            found.update((row.external_id, row) for row in rows)
        return found

    def _images_of(self, product_ids: Sequence[int]) -> dict[int, list[ImageRecord]]:
        found: dict[int, list[ImageRecord]] = {product_id: [] for product_id in product_ids}
        for chunk in chunks(product_ids):
            rows = self._connection.execute(
                select(*_IMAGE_COLUMNS)
                .where(Image.product_id.in_(chunk))
                .order_by(Image.product_id, Image.position, Image.id)
            )
            for row in rows:
                found[row.product_id].append(ImageRecord(**row._mapping))
        return found

    def _with_images(self, rows: Sequence[Row[Any]]) -> list[ProductRecord]:
        images = self._images_of([row.id for row in rows])
        return [_product(row, tuple(images[row.id])) for row in rows]

    def _write_fields(
        self,
        collection_id: int,
        products: Sequence[ProductInput],
        before: Mapping[str, Row[Any]],
        seen_job_id: int | None,
    ) -> dict[str, int]:
        """external id -> row id of every product, written or left as it already was."""
        now = datetime.now(UTC)
        ids = {external_id: row.id for external_id, row in before.items()}
        new, changed = [], []
        for product in products:
            fields = _columns(product.fields)
            row = before.get(product.fields.external_id)
            if row is None:
                new.append(
                    fields
                    | {
                        "collection_id": collection_id,
                        "seen_job_id": seen_job_id,
                        "created_at": now,
                        "updated_at": now,
                    }
                )
            elif any(_differs(getattr(row, name), value) for name, value in fields.items()):
                changed.append({"row_id": row.id, "now": now, **fields})
        if new:
            inserted = self._connection.execute(
                insert(Product).returning(Product.id, Product.external_id), new
            )
            ids.update((external_id, row_id) for row_id, external_id in inserted)
        if changed:
            self._connection.execute(_UPDATE_FIELDS, changed)
        if seen_job_id is not None and before:
            self.mark_seen(collection_id, list(before), seen_job_id)
        return ids

    def _write_images(self, collection: CollectionRecord, batch: ImageDifference) -> None:
        if batch.removed:
            for chunk in chunks(batch.removed):
                self._connection.execute(delete(Image).where(Image.id.in_(chunk)))
        for image_id, values in batch.moved:
            self._connection.execute(update(Image).where(Image.id == image_id).values(values))
        vectors: dict[int, bytes] = dict(batch.reembedded)
        if batch.added:
            inserted = self._connection.execute(
                insert(Image).returning(Image.id, sort_by_parameter_order=True),
                [values for values, _ in batch.added],
            )
            for row, (_, vector) in zip(inserted, batch.added, strict=True):
                vectors[row[0]] = vector
        if vectors:
            fingerprint = collection.model_fingerprint
            if batch.reembedded:
                self._connection.execute(
                    delete(Embedding).where(
                        Embedding.image_id.in_(batch.reembedded),
                        Embedding.model_fingerprint == fingerprint,
                    )
                )
            self._connection.execute(
                insert(Embedding),
                [
                    {"image_id": image_id, "model_fingerprint": fingerprint, "vector": vector}
                    for image_id, vector in vectors.items()
                ],
            )
        # Even with no picture changed the sequence moves: fields that filters read may have.
        Changes(self._connection).record(collection, upserts=list(vectors), deletes=batch.removed)


# A picture that stands for one that is missing may be shown by half the catalogue.
_MOST_OF_A_CONTENT = 100

_IMAGE_COLUMNS = (
    Image.id,
    Image.product_id,
    Image.position,
    Image.source,
    Image.content_sha256,
    Image.media_type,
    Image.width,
    Image.height,
)
_PRODUCT_COLUMNS = (
    Product.id,
    Product.external_id,
    Product.title,
    Product.url,
    Product.category,
    Product.price,
    Product.attributes,
    Product.updated_at,
)
# On the path of every query, so made once: building and hashing it costs as much as running it.
_OF_IMAGES = (
    select(*_IMAGE_COLUMNS, *_PRODUCT_COLUMNS)
    .join(Product, Product.id == Image.product_id)
    .where(Image.id.in_(bindparam("image_ids", expanding=True)))
)
_PRODUCT_IDS = select(Image.id, Image.product_id).where(
    Image.id.in_(bindparam("image_ids", expanding=True))
)
_UPDATE_FIELDS = (
    update(Product)
    .where(Product.id == bindparam("row_id"))
    .values(
        title=bindparam("title"),
        url=bindparam("url"),
        category=bindparam("category"),
        price=bindparam("price"),
        attributes=bindparam("attributes"),
        updated_at=bindparam("now"),
    )
)


def _columns(fields: ProductFields) -> dict[str, Any]:
    return {
        "external_id": fields.external_id,
        "title": fields.title,
        "url": fields.url,
        "category": fields.category,
        "price": fields.price,
        "attributes": dict(fields.attributes),
    }


def _differs(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        # As JSON: in Python True equals 1, in a catalogue it does not.
        return json.dumps(stored, sort_keys=True) != json.dumps(wanted, sort_keys=True)
    return bool(stored != wanted)


def _product(row: Row[Any], images: tuple[ImageRecord, ...]) -> ProductRecord:
    return ProductRecord(
        id=row.id,
        external_id=row.external_id,
        title=row.title,
        url=row.url,
        category=row.category,
        price=row.price,
        attributes=row.attributes,
        updated_at=row.updated_at,
        images=images,
    )


def _storable(external_ids: Sequence[str]) -> list[str]:
    """Without the ids that no product can have, which the drivers would stumble over."""
    return [external_id for external_id in external_ids if is_storable(external_id)]
