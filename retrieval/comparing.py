"""Two pictures, or products, side by side: how similar, and is that enough?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catalog.collections import Collections
from catalog.database import Database
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import ProductRecord
from embedding.card import ModelCard
from embedding.fused.balance import Balance
from embedding.images import DecodeLimits
from embedding.points import VERIFIED, LocalFeatures, PointMatch
from retrieval.engine import PICTURES_OF_A_QUERY
from retrieval.errors import QueryInvalid
from retrieval.models import LoadedModels
from retrieval.points import PointFeatures, best_match
from retrieval.preparing import prepared
from retrieval.queries import PictureQuery, ProductQuery, Query
from retrieval.scoring import meaning_of_pairs, similarity
from retrieval.stopwatch import Stopwatch


@dataclass(frozen=True)
class Comparison:
    """`similarity` is (cosine + 1) / 2; `similar` says whether it reaches `threshold`.

    `match_probability` is None where the model, under the weights it was compared with, is not
    calibrated.
    """

    cosine: float
    similarity: float
    match_probability: float | None
    threshold: float
    model: ModelCard
    took_ms: Mapping[str, float]

    @property
    def similar(self) -> bool:
        return self.similarity >= self.threshold


@dataclass(frozen=True)
class PointComparison:
    """`similarity` is the match's score, 0 to 1; from `threshold` on it is the same thing."""

    match: PointMatch
    threshold: float
    took_ms: Mapping[str, float]

    @property
    def similarity(self) -> float:
        return self.match.score

    @property
    def similar(self) -> bool:
        return self.similarity >= self.threshold


Method = Literal["embedding", "points"]
"""By the cosine of a model's vectors, or by matching local features."""


class Comparer:
    """Compares under any installed model, and by points; safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        pictures: PictureFolder,
        models: LoadedModels,
        limits: DecodeLimits,
        points: PointFeatures,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._models = models
        self._limits = limits
        self._points = points

    def compare(
        self,
        first: Query,
        second: Query,
        *,
        model: str,
        collection: str,
        threshold: float | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> Comparison:
        """How similar the two are under `model`; of products, the best pair of pictures counts.

        `collection` is where product ids are looked up, and no more: its balance does not count.
        `threshold` 0..1 overrides the calibration's, which overrides the model's; `weights` is how
        much each part of a fused model counts (see `Balance`), None for as it was made.

        Raises:
            QueryInvalid: a threshold out of range, a product without pictures.
            WeightsInvalid: the model has no such parts.
            PictureError, RegionInvalid, ModelError, CollectionUnknown, ProductUnknown,
            PictureMissing.
        """
        _check_threshold(threshold)
        watch = Stopwatch()
        embedder = self._models.get(model)
        balance = Balance(embedder.card, weights)
        with watch.stage("decode"):
            pictures = [self._shown(query, collection) for query in (first, second)]
            inputs = [
                prepared(shown.content, embedder, self._limits, shown.region)
                for each in pictures
                for shown in each
            ]
        with watch.stage("embed"):
            vectors = embedder.embed_prepared(inputs)
        queries, others = np.split(vectors, [len(pictures[0])])
        cosine = float(np.max(balance.cosines(balance.queries(queries) @ others.T)))
        card = self._models.calibrated(embedder.card)
        meaning = meaning_of_pairs(card, balance.weights)
        if threshold is None:
            threshold = card.threshold if meaning.threshold is None else meaning.threshold
        return Comparison(
            cosine=cosine,
            similarity=similarity(cosine),
            match_probability=meaning.probability(similarity(cosine)),
            threshold=threshold,
            model=card,
            took_ms=watch.total(),
        )

    def compare_points(
        self, first: Query, second: Query, *, collection: str, threshold: float | None = None
    ) -> PointComparison:
        """Whether the two show the same thing, seam for seam (`embedding.points.match_points`).

        `collection` and `threshold` as above; of products the best pair of pictures counts.
        Raises QueryInvalid, PictureError, RegionInvalid, CollectionUnknown, ProductUnknown,
        PictureMissing.
        """
        _check_threshold(threshold)
        watch = Stopwatch()
        with watch.stage("features"):
            features = [self._features(query, collection) for query in (first, second)]
        with watch.stage("match"):
            match = best_match(*features)
        return PointComparison(
            match=match,
            threshold=VERIFIED if threshold is None else threshold,
            took_ms=watch.total(),
        )

    def _features(self, query: Query, collection: str) -> list[LocalFeatures]:
        if isinstance(query, PictureQuery):
            return [self._points.of_content(query.content, query.region)]
        return [self._points.of_kept(each) for each in self._pictures_of(query, collection)]

    def _shown(self, query: Query, collection: str) -> list[PictureQuery]:
        """The picture itself, or the kept copies of the product's."""
        if isinstance(query, PictureQuery):
            return [query]
        kept = self._pictures_of(query, collection)
        return [PictureQuery(self._pictures.read(each)) for each in kept]

    def _pictures_of(self, query: ProductQuery, collection: str) -> list[str]:
        """The sha-256 of the product's first pictures, at least one."""
        product = self._product(query.product_id, collection)
        if not product.images:
            raise QueryInvalid(
                f"Product {query.product_id!r} has no picture to compare; add one with "
                "PUT /v1/products/ID."
            )
        return [image.content_sha256 for image in product.images[:PICTURES_OF_A_QUERY]]

    def _product(self, product_id: str, collection: str) -> ProductRecord:
        with self._database.read() as connection:
            found = Collections(connection).get(collection)
            return Products(connection).get(found.id, product_id)


def _check_threshold(threshold: float | None) -> None:
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise QueryInvalid(f"threshold is {threshold}; it must be 0 to 1.")
