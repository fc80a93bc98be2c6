"""Vectors as the database keeps them, and the reads an index is built from."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, insert, select

from catalog.chunks import chunks
from catalog.tables import Embedding, Image

_STORED = np.dtype("<f4")


def vector_bytes(vector: NDArray[np.float32], dimension: int) -> bytes:
    """float32 (dimension,), finite -> its bytes, little-endian; ValueError when it is neither."""
    if vector.shape != (dimension,) or not np.isfinite(vector).all():
        raise ValueError(f"expected a finite vector of {dimension} numbers, got {vector.shape}")
    return vector.astype(_STORED).tobytes()


class Embeddings:
    """Reads and writes of embeddings, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(
        self, collection_id: int, model_fingerprint: str, dimension: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """A collection as a model sees it: ids (n,) ascending, vectors float32 (n, dimension)."""
        count = self._connection.execute(
            select(func.count())
            .select_from(Embedding)
            .join(Image, Image.id == Embedding.image_id)
            .where(
                Image.collection_id == collection_id,
                Embedding.model_fingerprint == model_fingerprint,
            )
        ).scalar_one()
        ids = np.empty(count, dtype=np.int64)
        vectors = np.empty((count, dimension), dtype=np.float32)
        rows = self._connection.execution_options(yield_per=2000).execute(
            select(Embedding.image_id, Embedding.vector)
            .join(Image, Image.id == Embedding.image_id)
            .where(
                Image.collection_id == collection_id,
                Embedding.model_fingerprint == model_fingerprint,
            )
            .order_by(Embedding.image_id)
        )
        for place, (image_id, vector) in enumerate(rows):
            ids[place] = image_id
            vectors[place] = np.frombuffer(vector, dtype=_STORED)
        return ids, vectors

    def of_images(
        self, image_ids: Sequence[int], model_fingerprint: str
    ) -> dict[int, NDArray[np.float32]]:
        """image id -> float32 (dimension,), of those that the model has embedded."""
        found: dict[int, NDArray[np.float32]] = {}
        for chunk in chunks(image_ids):
            rows = self._connection.execute(
                select(Embedding.image_id, Embedding.vector).where(
                    Embedding.image_id.in_(chunk),
                    Embedding.model_fingerprint == model_fingerprint,
                )
            )
            for image_id, vector in rows:
                found[image_id] = np.frombuffer(vector, dtype=_STORED).astype(np.float32)
        return found

    def missing(
        self, collection_id: int, model_fingerprint: str, *, limit: int, after: int = 0
    ) -> list[tuple[int, str]]:
        """(image id, content sha-256) of images the model has not embedded, by ascending id."""
        rows = self._connection.execute(
            select(Image.id, Image.content_sha256)
            .outerjoin(
                Embedding,
                and_(
                    Embedding.image_id == Image.id,
                    Embedding.model_fingerprint == model_fingerprint,
                ),
            )
            .where(
                Image.collection_id == collection_id,
                Image.id > after,
                Embedding.image_id.is_(None),
            )
            .order_by(Image.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in rows]

    def add(self, model_fingerprint: str, vectors: Mapping[int, NDArray[np.float32]]) -> int:
        """Store embeddings made beside those in service; how many were new.

        Images deleted meanwhile are passed over, and so are those already embedded.
        """
        ids = list(vectors)
        alive = {
            row[0]
            for chunk in chunks(ids)
            for row in self._connection.execute(
                # Held against deletion until the embeddings are in.
                select(Image.id)
                .where(Image.id.in_(chunk))
                .with_for_update(read=True, key_share=True)
            )
        }
        wanted = alive - self.of_images(ids, model_fingerprint).keys()
        if wanted:
            self._connection.execute(
                insert(Embedding),
                [
                    {
                        "image_id": image_id,
                        "model_fingerprint": model_fingerprint,
                        "vector": vector_bytes(vectors[image_id], len(vectors[image_id])),
                    }
                    for image_id in sorted(wanted)
                ],
            )
        return len(wanted)
