"""From items to ready products: known pictures skipped, the others read, decoded and kept in
parallel."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from catalog.errors import CatalogError
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import (
    MAX_IMAGES_PER_PRODUCT,
    CollectionRecord,
    Failure,
    ProductFields,
    ProductRecord,
)
from embedding.embedder import Embedder
from embedding.errors import EmbeddingError, PictureError
from embedding.images import DecodeLimits
from fetching.errors import FetchError
from indexer.errors import IndexerError, ItemError, TooManyPictures
from indexer.items import BrokenItem, Item, Reference
from indexer.reading import PictureReader
from indexer.stopping import Stop
from indexer.threads import DaemonPool
from ingestion.pictures import KnownPicture, ReadyPicture, ready_picture
from ingestion.products import ReadyProduct, known_contents
from retrieval.home import Home

_UNUSABLE = (PictureError, FetchError, ItemError)
_LOOK_UP_S = 0.5

Picture = ReadyPicture | KnownPicture
_Read = Picture | Exception


@dataclass(frozen=True)
class Prepared:
    """What became of an item before anything is written.

    `product` is None when nothing is to be written: it is unchanged, or failed altogether.
    `external_id` is None for what could not even be named.
    """

    position: int
    external_id: str | None
    product: ReadyProduct | None
    failures: tuple[Failure, ...] = ()

    @property
    def has_failed(self) -> bool:
        return bool(self.failures)

    @property
    def fresh_pictures(self) -> int:
        """How many pictures have to be embedded."""
        pictures = self.product.pictures if self.product is not None else None
        return sum(isinstance(picture, ReadyPicture) for picture in pictures or ())


class Preparation:
    """Reads and decodes on its own threads, a bounded number of pictures at a time.

    Many pictures may be waited for at once (web, object store), but only as many decoded as there
    are processors; one that waits for its decoding keeps its thread, which bounds the memory.
    """

    def __init__(
        self, home: Home, reader: PictureReader, *, fetch_threads: int, decode_threads: int
    ) -> None:
        self._home = home
        self._reader = reader
        self._threads = DaemonPool(max(fetch_threads, decode_threads), "prepare")
        self._decoding = threading.BoundedSemaphore(decode_threads)

    def start(
        self, items: Sequence[Item | BrokenItem], collection: CollectionRecord, embedder: Embedder
    ) -> "PendingBatch":
        """Begin with a batch; the look-up of what is known is done on return."""
        known = known_contents(
            [item.fields.external_id for item in items if isinstance(item, Item)],
            collection=collection.name,
            database=self._home.database,
            model_fingerprint=embedder.card.fingerprint,
        )
        pending: list[_PendingItem | BrokenItem] = []
        for item in items:
            if isinstance(item, BrokenItem):
                pending.append(item)
                continue
            contents = known.get(item.fields.external_id, set())
            pending.append(
                _PendingItem(
                    item,
                    contents,
                    [
                        self._threads.submit(self._picture, reference, contents, embedder)
                        for reference in item.references[:MAX_IMAGES_PER_PRODUCT]
                    ],
                )
            )
        return PendingBatch(self._home, collection, embedder, pending)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.close()

    def _picture(self, reference: Reference, known: set[str], embedder: Embedder) -> _Read:
        try:
            content = self._reader.read(reference)
            with self._decoding:
                return _ready(content, reference, known, embedder, self._home)
        except _UNUSABLE as error:
            return error


@dataclass(frozen=True)
class _PendingItem:
    item: Item
    known: set[str]
    pictures: Sequence["Future[_Read]"]


class PendingBatch:
    """A batch whose pictures are being read."""

    def __init__(
        self,
        home: Home,
        collection: CollectionRecord,
        embedder: Embedder,
        items: Sequence[_PendingItem | BrokenItem],
    ) -> None:
        self._home = home
        self._collection = collection
        self._items = items
        self.embedder = embedder

    @property
    def items(self) -> list[Item | BrokenItem]:
        return [item.item if isinstance(item, _PendingItem) else item for item in self._items]

    def collect(self, stop: Stop) -> list[Prepared]:
        """Wait for the batch; raises Stopped when asked to stop meanwhile."""
        return [
            self._broken(item) if isinstance(item, BrokenItem) else self._prepared(item, stop)
            for item in self._items
        ]

    def _broken(self, item: BrokenItem) -> Prepared:
        failure = _failure(item.position, item.item_id, item.source, item.error)
        return Prepared(item.position, item.item_id, None, (failure,))

    def _prepared(self, pending: _PendingItem, stop: Stop) -> Prepared:
        item = pending.item
        read = [_result(future, stop) for future in pending.pictures]
        failures = _failures(item, read)
        pictures = [picture for picture in read if not isinstance(picture, Exception)]
        if not pictures:
            return Prepared(item.position, item.fields.external_id, None, failures)
        if len(pictures) < len(read) or not any(isinstance(p, ReadyPicture) for p in pictures):
            stored = self._stored(item.fields.external_id)
            if stored is not None:
                pictures = _with_earlier_ones(read, item.references, stored, pending.known)
                if _is_as_stored(item.fields, pictures, stored):
                    return Prepared(item.position, item.fields.external_id, None, failures)
        product = ReadyProduct(item.fields, tuple(pictures))
        return Prepared(item.position, item.fields.external_id, product, failures)

    def _stored(self, external_id: str) -> ProductRecord | None:
        with self._home.database.read() as connection:
            return Products(connection).find(self._collection.id, external_id)


def _ready(
    content: bytes, reference: Reference, known: set[str], embedder: Embedder, home: Home
) -> Picture:
    limits: DecodeLimits = home.limits
    copies: PictureFolder = home.pictures
    return ready_picture(
        content,
        source=reference.source,
        embedder=embedder,
        limits=limits,
        # A picture whose kept copy was lost is read again, which brings the copy back.
        is_known=lambda sha256: sha256 in known and copies.has(sha256),
        keep=copies.keep,
    )


def _result(future: "Future[_Read]", stop: Stop) -> _Read:
    while True:
        stop.check()
        try:
            return future.result(timeout=_LOOK_UP_S)
        except NotYet:
            continue


def _failures(item: Item, read: Sequence[_Read]) -> tuple[Failure, ...]:
    product_id = item.fields.external_id
    failures = [_failure(item.position, product_id, None, remark) for remark in item.remarks]
    failures += [
        _failure(item.position, product_id, reference.source, error)
        for reference, error in zip(item.references, read, strict=False)
        if isinstance(error, Exception)
    ]
    if len(item.references) > MAX_IMAGES_PER_PRODUCT:
        too_many = TooManyPictures(
            f"Product {product_id!r} has {len(item.references)} pictures; the first "
            f"{MAX_IMAGES_PER_PRODUCT} are kept. Leave out the least useful ones."
        )
        failures.append(_failure(item.position, product_id, None, too_many))
    return tuple(failures)


def _failure(position: int, item_id: str | None, source: str | None, error: Exception) -> Failure:
    assert isinstance(error, CatalogError | EmbeddingError | FetchError | IndexerError)
    return Failure(position, item_id, source, error.code, str(error))


def _with_earlier_ones(
    read: Sequence[_Read],
    references: Sequence[Reference],
    stored: ProductRecord,
    known: set[str],
) -> list[Picture]:
    """A picture that cannot be read today leaves the one that was stored from the same place."""
    earlier = {
        image.source: KnownPicture(image.content_sha256, image.source)
        for image in stored.images
        if image.content_sha256 in known
    }
    pictures: list[Picture] = []
    for picture, reference in zip(read, references, strict=False):
        if not isinstance(picture, Exception):
            pictures.append(picture)
        elif reference.source in earlier:
            pictures.append(earlier[reference.source])
    return pictures


def _is_as_stored(
    fields: ProductFields, pictures: Sequence[Picture], stored: ProductRecord
) -> bool:
    if not all(isinstance(picture, KnownPicture) for picture in pictures):
        return False
    there = ProductFields(
        stored.external_id,
        title=stored.title,
        url=stored.url,
        category=stored.category,
        price=stored.price,
        attributes=stored.attributes,
    )
    # The first of equal contents is the one that is stored.
    wanted = {picture.content_sha256: picture.source for picture in reversed(pictures)}
    in_order = list(dict.fromkeys(picture.content_sha256 for picture in pictures))
    # Compared as they print: to Python 1 equals True, in a catalogue it does not.
    return repr(_plain(there)) == repr(_plain(fields)) and [
        (image.content_sha256, image.source) for image in stored.images
    ] == [(content, wanted[content]) for content in in_order]


def _plain(fields: ProductFields) -> tuple[object, ...]:
    price = None if fields.price is None else float(fields.price)
    attributes = sorted(fields.attributes.items())
    return (fields.external_id, fields.title, fields.url, fields.category, price, attributes)
