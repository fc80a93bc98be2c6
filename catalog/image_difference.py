"""What an upsert has to do to the pictures of its products: add, embed again, move, remove."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.embeddings import vector_bytes
from catalog.errors import PicturesChanged
from catalog.records import (
    CollectionRecord,
    ImageInput,
    ImageRecord,
    ProductInput,
    StoredImage,
)


class ImageDifference:
    """The difference between the pictures stored and those wanted, for a batch of products."""

    def __init__(
        self,
        collection: CollectionRecord,
        products: Sequence[ProductInput],
        ids: Mapping[str, int],
        stored: Mapping[int, list[ImageRecord]],
    ) -> None:
        self.added: list[tuple[dict[str, Any], bytes]] = []
        self.reembedded: dict[int, bytes] = {}
        self.moved: list[tuple[int, dict[str, Any]]] = []
        self.removed: list[int] = []
        self._removed_of: dict[int, int] = {}
        self._now = datetime.now(UTC)
        for product in products:
            if product.images is not None:
                row_id = ids[product.fields.external_id]
                self._compare(collection, row_id, product.images, stored.get(row_id, []))

    def added_count(self, product_id: int) -> int:
        return sum(values["product_id"] == product_id for values, _ in self.added)

    def removed_count(self, product_id: int) -> int:
        return self._removed_of.get(product_id, 0)

    def _compare(
        self,
        collection: CollectionRecord,
        product_id: int,
        wanted: Sequence[ImageInput | StoredImage],
        stored: Sequence[ImageRecord],
    ) -> None:
        by_content = {image.content_sha256: image for image in stored}
        kept: set[str] = set()
        for position, image in enumerate(_distinct(wanted)):
            kept.add(image.content_sha256)
            there = by_content.get(image.content_sha256)
            if there is None:
                self._add(collection, product_id, position, image)
                continue
            if (there.position, there.source) != (position, image.source):
                self.moved.append((there.id, {"position": position, "source": image.source}))
            if isinstance(image, ImageInput):
                self.reembedded[there.id] = vector_bytes(image.vector, collection.dimension)
        gone = [image.id for content, image in by_content.items() if content not in kept]
        self.removed += gone
        self._removed_of[product_id] = len(gone)

    def _add(
        self,
        collection: CollectionRecord,
        product_id: int,
        position: int,
        image: ImageInput | StoredImage,
    ) -> None:
        if isinstance(image, StoredImage):
            raise PicturesChanged(
                f"Picture {image.content_sha256[:12]}… was taken for stored, but another writer "
                "has removed it from its product meanwhile; send the product again."
            )
        values = {
            "collection_id": collection.id,
            "product_id": product_id,
            "position": position,
            "source": image.source,
            "content_sha256": image.content_sha256,
            "media_type": image.media_type,
            "width": image.width,
            "height": image.height,
            "created_at": self._now,
        }
        self.added.append((values, vector_bytes(image.vector, collection.dimension)))


def _distinct(images: Sequence[ImageInput | StoredImage]) -> list[ImageInput | StoredImage]:
    """Without the repetitions of a content, which some feeds are full of; order kept."""
    distinct: dict[str, ImageInput | StoredImage] = {}
    for image in images:
        distinct.setdefault(image.content_sha256, image)
    return list(distinct.values())
