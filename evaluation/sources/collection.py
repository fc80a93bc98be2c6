"""A collection of the home: its products' pictures, with the vectors that are there already."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.embeddings import Embeddings
from catalog.products import Products
from catalog.records import CollectionRecord, ProductRecord
from evaluation.errors import SourceInvalid
from evaluation.pictures import Picture, PictureSet
from retrieval.home import Home

_PAGE = 1000


def read_collection(home: Home, name: str) -> PictureSet:
    """Every picture asks and is searched. Labels: `product_id`, `category`, and the attributes.

    Under the collection's own model the stored vectors are used; another model reads the copies
    that the home keeps. Raises CollectionUnknown, SourceInvalid when it is empty.
    """
    with home.database.read() as connection:
        collection = Collections(connection).get(name)
        products = list(_products(Products(connection), collection.id))
        known = _vectors(Embeddings(connection), collection, products)
    shown = [(product, image) for product in products for image in product.images]
    if not shown:
        raise SourceInvalid(
            f"Collection {name!r} has no pictures. Index some: likeness index SOURCE "
            f"--collection {name}"
        )
    everyone = np.ones(len(shown), dtype=np.bool_)
    attributes = dict.fromkeys(key for product in products for key in product.attributes)
    return PictureSet(
        source=f"collection {name}",
        pictures=tuple(
            Picture(
                f"{product.external_id} #{image.position + 1}",
                image.content_sha256,
                partial(home.pictures.read, image.content_sha256),
            )
            for product, image in shown
        ),
        labels={
            **{
                key: [_text(product.attributes.get(key)) for product, _ in shown]
                for key in attributes
            },
            "product_id": [product.external_id for product, _ in shown],
            "category": [product.category or "" for product, _ in shown],
        },
        queries=everyone,
        gallery=everyone,
        known={collection.model_fingerprint: known},
        model=collection.model_name,
        balance=collection.balance,
    )


def _products(products: Products, collection_id: int) -> Iterator[ProductRecord]:
    offset = 0
    while page := products.page(collection_id, limit=_PAGE, offset=offset):
        yield from page
        offset += len(page)


def _vectors(
    embeddings: Embeddings, collection: CollectionRecord, products: list[ProductRecord]
) -> dict[str, NDArray[np.float32]]:
    ids, vectors = embeddings.all(collection.id, collection.model_fingerprint, collection.dimension)
    contents = {image.id: image.content_sha256 for each in products for image in each.images}
    return {
        contents[image_id]: vector
        for image_id, vector in zip(ids.tolist(), vectors, strict=True)
        if image_id in contents
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)
