"""Does a product that was just stored show pictures that others show already?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import PictureMissing
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import ImageRecord, ProductRecord
from embedding.copies.sketch import Sketch, sketched_file
from embedding.copies.verdict import Kind, Verdict, verdict_on
from embedding.errors import PictureError
from embedding.images import DecodeLimits, decode
from retrieval.caching import RecentValues
from retrieval.duplicates.auditing import LEAST_CONFIDENCE
from retrieval.following import Follower, Served

PICTURES_ASKED = 8
"""Of a product, its first ones."""

NEIGHBOURS = 10
"""Of each picture, and as many again of the picture seen in a mirror."""

SKETCHES_REMEMBERED = 512
"""Of 151 kB at most with what is seen in a mirror: 77 MB."""


@dataclass(frozen=True)
class PossibleDuplicate:
    """`theirs`, a picture of `product`, and `mine` are probably copies of one picture."""

    product: ProductRecord
    theirs: ImageRecord
    mine: ImageRecord
    kind: Kind
    confidence: float


class DuplicateFinder:
    """Asks the index that searches a collection for neighbours, and looks at those closely.

    Safe to use from many threads. It finds what is near under the collection's model; the audit
    (`retrieval.duplicates.links`) also looks for pictures of the same layout.
    """

    def __init__(
        self,
        database: Database,
        pictures: PictureFolder,
        follower: Follower,
        limits: DecodeLimits,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._follower = follower
        self._limits = limits
        self._remembered: RecentValues[str, Sketch] = RecentValues(SKETCHES_REMEMBERED)

    def of_product(self, collection: str, product: ProductRecord) -> list[PossibleDuplicate]:
        """Other products with a copy of one of its pictures, the surest first, each once.

        Pictures whose kept copies are gone or damaged are passed over: the product is stored, and
        whoever stored it can do nothing about them. Raises CollectionUnknown, ModelError,
        ModelMismatch, DatabaseError.
        """
        served = self._follower.served(collection)
        images = product.images[:PICTURES_ASKED]
        best: dict[int, PossibleDuplicate] = {}
        for mine in images:
            for theirs, other in self._candidates(served, product, mine):
                if other.id in best and best[other.id].confidence == 1.0:
                    continue
                verdict = self._verdict(mine, theirs)
                if verdict is None or verdict.confidence < LEAST_CONFIDENCE:
                    continue
                if other.id not in best or verdict.confidence > best[other.id].confidence:
                    best[other.id] = PossibleDuplicate(
                        other, theirs, mine, verdict.kind, verdict.confidence
                    )
        return sorted(best.values(), key=lambda each: (-each.confidence, each.product.id))

    def _candidates(
        self, served: Served, product: ProductRecord, mine: ImageRecord
    ) -> Sequence[tuple[ImageRecord, ProductRecord]]:
        """Pictures of other products: those of the same bytes, then the nearest, one a content."""
        with self._database.read() as connection:
            products = Products(connection)
            same = products.images_of_content(served.collection_id, mine.content_sha256, product.id)
            stored = Embeddings(connection).of_images([mine.id], served.embedder.card.fingerprint)
            vectors = [*stored.values(), *self._mirrored_vector(served, mine)]
            near: list[int] = []
            if vectors:
                queries = served.balance.queries(np.stack(vectors))
                # Its own pictures are the nearest of all, and are not asked for.
                ids, _ = served.index.nearest(queries, NEIGHBOURS + len(product.images))
                near = np.unique(ids[ids >= 0]).tolist()
            found = products.of_images(near)
        others = [each for each in found.values() if each[1].id != product.id]
        return [*same, *(each for each in others if each[0].content_sha256 != mine.content_sha256)]

    def _mirrored_vector(self, served: Served, mine: ImageRecord) -> list[NDArray[np.float32]]:
        """Of the picture seen in a mirror; none where its copy is gone or damaged."""
        embedder = served.embedder
        try:
            content = self._pictures.read(mine.content_sha256)
            shown = decode(content, limits=self._limits, target_side=embedder.target_side).image
        except (PictureMissing, PictureError):
            return []
        mirrored = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return [embedder.embed_prepared([embedder.prepare(mirrored)])[0]]

    def _verdict(self, mine: ImageRecord, theirs: ImageRecord) -> Verdict | None:
        if mine.content_sha256 == theirs.content_sha256:
            return Verdict("same bytes", 1.0)
        try:
            sketched = self._sketch(mine), self._sketch(theirs)
        except (PictureMissing, PictureError):
            return None
        return verdict_on(*sketched, ((mine.width, mine.height), (theirs.width, theirs.height)))

    def _sketch(self, image: ImageRecord) -> Sketch:
        return self._remembered.get(
            image.content_sha256,
            lambda: sketched_file(self._pictures.read(image.content_sha256), self._limits),
        )
