"""Two pictures, or products, side by side: how similar, and is that enough?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.database import Database
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import ProductRecord
from embedding.card import ModelCard
from embedding.images import DecodeLimits
from retrieval.engine import PICTURES_OF_A_QUERY, Stopwatch
from retrieval.errors import QueryInvalid
from retrieval.models import LoadedModels
from retrieval.preparing import prepared
from retrieval.queries import PictureQuery, Query
from retrieval.scoring import similarity


@dataclass(frozen=True)
class Comparison:
    """`similarity` is (cosine + 1) / 2; `similar` says whether it reaches `threshold`."""

    cosine: float
    similarity: float
    threshold: float
    model: ModelCard
    took_ms: Mapping[str, float]

    @property
    def similar(self) -> bool:
        return self.similarity >= self.threshold


class Comparer:
    """Compares under any installed model; safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        pictures: PictureFolder,
        models: LoadedModels,
        limits: DecodeLimits,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._models = models
        self._limits = limits

    def compare(
        self,
        first: Query,
        second: Query,
        *,
        model: str,
        collection: str,
        threshold: float | None = None,
    ) -> Comparison:
        """How similar the two are under `model`; of products, the best pair of pictures counts.

        `collection` is where product ids are looked up; `threshold` 0..1 overrides the model's.

        Raises:
            QueryInvalid: a threshold out of range, a product without pictures.
            PictureError, ModelError, CollectionUnknown, ProductUnknown, PictureMissing.
        """
        if threshold is not None and not 0.0 <= threshold <= 1.0:
            raise QueryInvalid(f"threshold is {threshold}; it must be 0 to 1.")
        watch = Stopwatch()
        embedder = self._models.get(model)
        with watch.stage("decode"):
            contents = [self._contents(query, collection) for query in (first, second)]
            inputs = [
                prepared(content, embedder, self._limits) for each in contents for content in each
            ]
        with watch.stage("embed"):
            vectors = embedder.embed_prepared(inputs)
        cosine = _best_cosine(vectors[: len(contents[0])], vectors[len(contents[0]) :])
        return Comparison(
            cosine=cosine,
            similarity=similarity(cosine),
            threshold=embedder.card.threshold if threshold is None else threshold,
            model=embedder.card,
            took_ms=watch.total(),
        )

    def _contents(self, query: Query, collection: str) -> list[bytes]:
        if isinstance(query, PictureQuery):
            return [query.content]
        product = self._product(query.product_id, collection)
        if not product.images:
            raise QueryInvalid(
                f"Product {query.product_id!r} has no picture to compare; add one with "
                "PUT /v1/products/ID."
            )
        return [
            self._pictures.read(image.content_sha256)
            for image in product.images[:PICTURES_OF_A_QUERY]
        ]

    def _product(self, product_id: str, collection: str) -> ProductRecord:
        with self._database.read() as connection:
            found = Collections(connection).get(collection)
            return Products(connection).get(found.id, product_id)


def _best_cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.max(first @ second.T))
