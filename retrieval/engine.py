"""The search engine: embed -> nearest -> resolve -> group -> rerank -> score."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.filters import Filter, allowed_images
from catalog.products import Products
from catalog.records import ProductRecord
from embedding.fused.balance import Balance
from embedding.images import DecodeLimits
from embedding.points import LocalFeatures
from retrieval.answers import Answer, Floor, Hit, hit_of
from retrieval.caching import RecentValues
from retrieval.errors import QueryInvalid
from retrieval.following import Follower, Served
from retrieval.grouping import ProductsOfImages, best_of_products
from retrieval.points import PointFeatures
from retrieval.preparing import prepared
from retrieval.queries import PictureQuery, ProductQuery, Query
from retrieval.reranking import (
    PICTURES_MATCHED,
    RERANK_DEPTH,
    KeepOrder,
    Rerank,
    Reranker,
    VerifiedFirst,
    check_rerank,
)
from retrieval.scoring import meaning_of_hits, not_calibrated
from retrieval.stopwatch import Stopwatch

MAX_QUERIES = 16
MAX_LIMIT = 100
MAX_DEPTH = 10_000
"""`offset + limit` may not reach past this."""
# Of a product asked with, this many pictures are compared: the first ones, its main views.
PICTURES_OF_A_QUERY = 8
# What filters keep, 8 bytes for each picture, and a kilobyte for each filter.
FILTER_BYTES_REMEMBERED = 64 * 1024**2
# About 100 bytes each.
IMAGES_REMEMBERED = 200_000


class SearchEngine:
    """Answers queries over the collections a follower keeps; safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        follower: Follower,
        limits: DecodeLimits,
        points: PointFeatures,
    ) -> None:
        self._database = database
        self._follower = follower
        self._limits = limits
        self._points = points
        self._products_of_images = ProductsOfImages(most=IMAGES_REMEMBERED)
        self._allowed: RecentValues[tuple[int, Filter], NDArray[np.int64]] = RecentValues(
            FILTER_BYTES_REMEMBERED, cost=lambda ids: ids.nbytes + 1024
        )

    def search(
        self,
        collection: str,
        queries: Sequence[Query],
        *,
        limit: int = 10,
        offset: int = 0,
        wanted: Filter | None = None,
        min_similarity: float = 0.0,
        min_probability: float | None = None,
        weights: Mapping[str, float] | None = None,
        rerank: Rerank | None = None,
        rerank_depth: int = RERANK_DEPTH,
    ) -> Answer:
        """The products most similar to each query, one hit a product, the best first.

        queries: 1 to MAX_QUERIES; a picture is asked with by its region, if it has one, and a
        product by its pictures, and left out of its own answer. `limit` 1 to MAX_LIMIT hits from
        `offset` on; they are filled whenever that many products match `wanted`, score at least
        `min_similarity` and match the query with at least `min_probability`; an answer may be
        empty. `weights` is how much each part of a fused model counts (see `Balance`), None for
        the collection's balance.
        `rerank="points"` matches the first `rerank_depth` hits point by point and puts those that
        show the same thing first (`reranking.VerifiedFirst`); at most MAX_RERANK_DEPTH hits of all
        queries together.

        Raises:
            QueryInvalid: one of these numbers is out of range.
            NotCalibrated: `min_probability`, where nobody knows how probable a match is.
            PictureError: a picture cannot be read.
            RegionInvalid: a region that is a strip of no use.
            WeightsInvalid: the collection's model has no such parts.
            CollectionUnknown, ProductUnknown, ModelError, ModelMismatch, DatabaseError.
        """
        _check(queries, limit, offset, min_similarity, min_probability)
        check_rerank(len(queries), rerank, rerank_depth)
        watch = Stopwatch()
        served = self._follower.served(collection)
        balance = served.balance
        if weights is not None:
            balance = Balance(served.embedder.card, weights)
        meaning = meaning_of_hits(served.card, served.name, served.created_at, balance.weights)
        if min_probability is not None and meaning.calibration is None:
            raise not_calibrated(served.card.name, collection, meaning, weights)
        vectors, own = self._query_vectors(served, queries, watch)
        # Hits behind the depth stay where they are: nothing needs to be matched for their page.
        matching = rerank == "points" and offset < rerank_depth
        features = [self._features(served, query, watch) for query in queries] if matching else None
        # One view for all that is read: a transaction takes as long as a statement.
        with self._database.read() as connection:
            with watch.stage("filter"):
                allowed = None
                if wanted:
                    sequence = Collections(connection).get(served.name).last_sequence
                    # Every change of a product moves the sequence: an entry is never out of date.
                    allowed = self._allowed.get(
                        (served.collection_id, wanted),
                        partial(allowed_images, connection, served.collection_id, wanted),
                        version=sequence,
                    )
            products = Products(connection)
            floor = Floor(min_similarity, min_probability, meaning)
            rerankers: list[Reranker] = (
                [KeepOrder()] * len(queries)
                if features is None
                else [
                    VerifiedFirst(each, self._points, products, rerank_depth) for each in features
                ]
            )
            hits = tuple(
                self._hits(
                    served,
                    balance,
                    each,
                    mine,
                    allowed,
                    products,
                    limit,
                    offset,
                    floor,
                    last,
                    watch,
                )
                for each, mine, last in zip(vectors, own, rerankers, strict=True)
            )
        return Answer(
            collection=collection,
            model_name=served.embedder.card.name,
            model_fingerprint=served.embedder.card.fingerprint,
            release=served.release,
            sequence=served.sequence,
            balance=balance.weights,
            hits=hits,
            took_ms=watch.total(),
            rerank=rerank,
        )

    def _query_vectors(
        self, served: Served, queries: Sequence[Query], watch: Stopwatch
    ) -> tuple[list[NDArray[np.float32]], list[frozenset[int]]]:
        """Of each query: its vectors (m, dimension), and the row ids of products to leave out."""
        embedder = served.embedder
        with watch.stage("decode"):
            inputs = [
                prepared(query.content, embedder, self._limits, query.region)
                for query in queries
                if isinstance(query, PictureQuery)
            ]
        with watch.stage("embed"):
            embedded = iter(embedder.embed_prepared(inputs) if inputs else ())
        vectors: list[NDArray[np.float32]] = []
        own: list[frozenset[int]] = []
        for query in queries:
            if isinstance(query, PictureQuery):
                vectors.append(next(embedded)[np.newaxis])
                own.append(frozenset())
            else:
                product, stored = self._product_vectors(served, query)
                vectors.append(stored)
                own.append(frozenset({product.id}))
        return vectors, own

    def _product_vectors(
        self, served: Served, query: ProductQuery
    ) -> tuple[ProductRecord, NDArray[np.float32]]:
        with self._database.read() as connection:
            product = Products(connection).get(served.collection_id, query.product_id)
            images = [image.id for image in product.images[:PICTURES_OF_A_QUERY]]
            stored = Embeddings(connection).of_images(images, served.embedder.card.fingerprint)
        if not stored:
            raise QueryInvalid(
                f"Product {query.product_id!r} has no picture to search with; add one with "
                "PUT /v1/products/ID."
            )
        return product, np.stack([stored[image_id] for image_id in images if image_id in stored])

    def _features(self, served: Served, query: Query, watch: Stopwatch) -> list[LocalFeatures]:
        """Of the picture, or of the product's first ones. Raises PictureMissing."""
        with watch.stage("points"):
            if isinstance(query, PictureQuery):
                return [self._points.of_content(query.content, query.region)]
            with self._database.read() as connection:
                product = Products(connection).get(served.collection_id, query.product_id)
            return [
                self._points.of_kept(image.content_sha256)
                for image in product.images[:PICTURES_MATCHED]
            ]

    def _hits(
        self,
        served: Served,
        balance: Balance,
        vectors: NDArray[np.float32],
        own: frozenset[int],
        allowed: NDArray[np.int64] | None,
        products: Products,
        limit: int,
        offset: int,
        floor: Floor,
        reranker: Reranker,
        watch: Stopwatch,
    ) -> tuple[Hit, ...]:
        queries = balance.queries(vectors)

        def nearest(count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
            with watch.stage("nearest"):
                ids, similarities = _best_of_rows(*served.index.nearest(queries, count, allowed))
                return ids, balance.cosines(similarities)

        def product_ids(image_ids: Sequence[int]) -> Mapping[int, int]:
            with watch.stage("resolve"):
                return self._products_of_images.get(image_ids, products.product_ids_of_images)

        while True:
            candidates = best_of_products(
                nearest,
                product_ids,
                wanted=max(offset + limit, reranker.depth) + floor.spare,
                available=len(served.index),
                min_cosine=floor.cosine,
                excluded=own,
            )
            candidates = [each for each in candidates if floor.is_met(each)]
            if reranker.depth:
                with watch.stage("points"):
                    candidates = list(reranker.rerank(candidates))
            page = candidates[offset : offset + limit]
            with watch.stage("resolve"):
                found = products.of_images([each.image_id for each in page])
            gone = {each.image_id for each in page} - found.keys()
            if not gone:
                return tuple(hit_of(each, *found[each.image_id], floor.meaning) for each in page)
            # Deleted since they were last looked up, or since the index was: the next take knows.
            self._products_of_images.forget(gone)


def _best_of_rows(
    ids: NDArray[np.int64], cosines: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Answers of several query pictures (m, count) as one: each image by its best cosine."""
    if len(ids) == 1:
        return ids[0], cosines[0]
    count = ids.shape[1]
    flat_ids, flat_cosines = ids.ravel(), cosines.ravel()
    order = np.lexsort((flat_ids, -flat_cosines))
    _, first = np.unique(flat_ids[order], return_index=True)
    best = order[np.sort(first)]
    best = best[flat_ids[best] >= 0][:count]
    # An image beyond `count` for every picture cannot be among the first `count` of the union.
    return flat_ids[best], flat_cosines[best]


def _check(
    queries: Sequence[Query],
    limit: int,
    offset: int,
    min_similarity: float,
    min_probability: float | None,
) -> None:
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise QueryInvalid(f"{len(queries)} queries were given; a search takes 1 to {MAX_QUERIES}.")
    if not 1 <= limit <= MAX_LIMIT:
        raise QueryInvalid(f"limit is {limit}; it must be 1 to {MAX_LIMIT}.")
    if offset < 0 or offset + limit > MAX_DEPTH:
        raise QueryInvalid(
            f"offset is {offset} and limit {limit}; offset must be at least 0, and both together "
            f"at most {MAX_DEPTH}."
        )
    if not 0.0 <= min_similarity <= 1.0:
        raise QueryInvalid(f"min_score is {min_similarity}; it must be 0 to 1.")
    if min_probability is not None and not 0.0 <= min_probability <= 1.0:
        raise QueryInvalid(f"A least probability of {min_probability} cannot be; it is 0 to 1.")
