"""From items to products that only need to be written: known pictures skipped, the others read,
decoded, kept and embedded in parallel."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from catalog.errors import CatalogError
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import (
    MAX_IMAGES_PER_PRODUCT,
    CollectionRecord,
    Failure,
    ImageInput,
    ProductFields,
    ProductInput,
    ProductRecord,
    StoredImage,
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
from ingestion.pictures import ReadyPicture, ready_picture
from ingestion.products import known_contents
from retrieval.home import Home

_UNUSABLE = (PictureError, FetchError, ItemError)
_LOOK_UP_S = 0.5

_Picture = ImageInput | StoredImage
_Read = _Picture | Exception
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Prepared:
    """What became of an item before anything is written.

    `product` is None when nothing is to be written: it is unchanged, or failed altogether.
    `external_id` is None for what could not even be named.
    """

    position: int
    external_id: str | None
    product: ProductInput | None
    failures: tuple[Failure, ...] = ()

    @property
    def has_failed(self) -> bool:
        return bool(self.failures)


class Preparation:
    """Reads, decodes and embeds on its own threads, each picture on its own: the model takes
    whichever is decoded, and no processor waits for the rest of a batch.

    Many pictures may be waited for at once (web, object store), but only as many decoded as there
    are processors; one that waits for its decoding keeps its thread, which bounds the memory. What
    waits for the model is bounded by the batches that are begun.
    """

    def __init__(
        self, home: Home, reader: PictureReader, *, fetch_threads: int, decode_threads: int
    ) -> None:
        self._home = home
        self._reader = reader
        self._readers = DaemonPool(max(fetch_threads, decode_threads), "prepare")
        self._decoding = threading.BoundedSemaphore(decode_threads)
        # One more than there are processors: while an answer is taken from the model, the next
        # picture is at its door already.
        self._model = ThreadPoolExecutor(decode_threads + 1, "embed")

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
                        self._readers.submit(self._picture, reference, contents, embedder)
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
        # What is decoded from here on finds the model's threads gone, and nobody waits for it.
        self._readers.close()
        # Joined, unlike a download: a thread must not meet the program's end inside the model.
        self._model.shutdown(cancel_futures=True)

    def _picture(
        self, reference: Reference, known: set[str], embedder: Embedder
    ) -> "_Read | Future[ImageInput]":
        try:
            content = self._reader.read(reference)
            with self._decoding:
                picture = _ready(content, reference, known, embedder, self._home)
        except _UNUSABLE as error:
            return error
        if isinstance(picture, StoredImage):
            return picture
        return self._model.submit(_embedded, picture, embedder)


@dataclass(frozen=True)
class _PendingItem:
    item: Item
    known: set[str]
    pictures: Sequence["Future[_Read | Future[ImageInput]]"]


class PendingBatch:
    """A batch whose pictures are being read, decoded and embedded."""

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
        self.model_fingerprint = embedder.card.fingerprint

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
        read = [_read(future, stop) for future in pending.pictures]
        failures = _failures(item, read)
        pictures = [picture for picture in read if not isinstance(picture, Exception)]
        if not pictures:
            return Prepared(item.position, item.fields.external_id, None, failures)
        if len(pictures) < len(read) or not any(isinstance(p, ImageInput) for p in pictures):
            stored = self._stored(item.fields.external_id)
            if stored is not None:
                pictures = _with_earlier_ones(read, item.references, stored, pending.known)
                if _is_as_stored(item.fields, pictures, stored):
                    return Prepared(item.position, item.fields.external_id, None, failures)
        product = ProductInput(item.fields, tuple(pictures))
        return Prepared(item.position, item.fields.external_id, product, failures)

    def _stored(self, external_id: str) -> ProductRecord | None:
        with self._home.database.read() as connection:
            return Products(connection).find(self._collection.id, external_id)


def _ready(
    content: bytes, reference: Reference, known: set[str], embedder: Embedder, home: Home
) -> ReadyPicture | StoredImage:
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


def _embedded(picture: ReadyPicture, embedder: Embedder) -> ImageInput:
    return picture.with_vector(embedder.embed_prepared([picture.prepared])[0])


def _read(future: "Future[_Read | Future[ImageInput]]", stop: Stop) -> _Read:
    read = _result(future, stop)
    return _result(read, stop) if isinstance(read, Future) else read


def _result(future: "Future[_Result]", stop: Stop) -> _Result:
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
) -> list[_Picture]:
    """A picture that cannot be read today leaves the one that was stored from the same place."""
    earlier = {
        image.source: StoredImage(image.content_sha256, image.source)
        for image in stored.images
        if image.content_sha256 in known
    }
    pictures: list[_Picture] = []
    for picture, reference in zip(read, references, strict=False):
        if not isinstance(picture, Exception):
            pictures.append(picture)
        elif reference.source in earlier:
            pictures.append(earlier[reference.source])
    return pictures


def _is_as_stored(
    fields: ProductFields, pictures: Sequence[_Picture], stored: ProductRecord
) -> bool:
    if not all(isinstance(picture, StoredImage) for picture in pictures):
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
