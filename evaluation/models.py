"""Embedding models as contenders: one unit vector a picture, compared by its cosine."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedding.embedder import Embedder
from embedding.images import DecodeLimits
from evaluation.contenders import Contender, Description, Scorer
from retrieval.preparing import prepared


class EmbeddingModel(Contender):
    """A model of the store, searched exactly by inner product, as the product's index does."""

    def __init__(self, embedder: Embedder, limits: DecodeLimits) -> None:
        self._embedder = embedder
        self._limits = limits

    @property
    def name(self) -> str:
        return self._embedder.card.name

    @property
    def key(self) -> str:
        """The fingerprint, under which the catalogue keeps vectors too."""
        return self._embedder.card.fingerprint

    @property
    def bytes_per_picture(self) -> int:
        return 4 * self._embedder.card.dimension

    def describe(self, content: bytes) -> NDArray[np.float32]:
        """float32 (dimension,), unit length. Raises PictureError, ModelBroken."""
        inputs = [prepared(content, self._embedder, self._limits)]
        vector: NDArray[np.float32] = self._embedder.embed_prepared(inputs)[0]
        return vector

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return cosines(gallery)


def cosines(gallery: Sequence[Description]) -> Scorer:
    """Inner products with a gallery of unit vectors."""
    vectors = np.stack(gallery).astype(np.float32, copy=False)

    def score(queries: Sequence[Description]) -> NDArray[np.float32]:
        return np.stack(queries).astype(np.float32, copy=False) @ vectors.T

    return score
