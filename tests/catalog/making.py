"""Short ways to say what a test needs: contents, pictures, products, collections."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.database import Database
from catalog.products import Products, Upserted
from catalog.records import (
    CollectionRecord,
    ImageInput,
    ProductFields,
    ProductInput,
    Scalar,
    StoredImage,
)

DIMENSION = 4
MODEL = "classic"
FINGERPRINT = "f" * 64


def sha(content: str) -> str:
    """The sha-256 of a text that stands for a picture's bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def vector_of(content: str, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """A unit vector (dimension,), always the same for the same content."""
    seed = int(sha(content)[:8], 16)
    vector = np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def picture(
    content: str, *, source: str | None = None, embedded: bool = False
) -> ImageInput | StoredImage:
    """A picture to be stored; only its name when it is `embedded` already."""
    source = f"{content}.jpg" if source is None else source
    if embedded:
        return StoredImage(sha(content), source)
    return ImageInput(
        content_sha256=sha(content),
        media_type="image/jpeg",
        width=640,
        height=480,
        source=source,
        vector=vector_of(content),
    )


def product(
    external_id: str,
    contents: Sequence[str] | None = (),
    *,
    title: str | None = None,
    url: str | None = None,
    category: str | None = None,
    price: float | None = None,
    **attributes: Scalar,
) -> ProductInput:
    """A product with pictures of these contents; None leaves the pictures it has."""
    return ProductInput(
        fields=ProductFields(external_id, title, url, category, price, attributes),
        images=None if contents is None else tuple(picture(content) for content in contents),
    )


def make_collection(
    database: Database, name: str, *, fingerprint: str = FINGERPRINT, dimension: int = DIMENSION
) -> CollectionRecord:
    with database.write() as connection:
        return Collections(connection).create(
            name, model_name=MODEL, model_fingerprint=fingerprint, dimension=dimension
        )


def upsert(
    database: Database, *products: ProductInput, name: str = "shop", seen_job_id: int | None = None
) -> list[Upserted]:
    """One batch, one transaction."""
    with database.write() as connection:
        locked = Collections(connection).locked(name)
        return Products(connection).upsert(locked, products, seen_job_id=seen_job_id)
