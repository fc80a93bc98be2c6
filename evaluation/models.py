"""Embedding models as contenders: one unit vector a picture, compared by its cosine."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from embedding.embedder import Embedder
from embedding.fused.balance import Balance
from embedding.fused.weights import written
from embedding.images import DecodeLimits
from evaluation.contenders import Contender, Description, Scorer
from retrieval.preparing import prepared


class EmbeddingModel(Contender):
    """A model of the store, searched exactly by inner product, as the product's index does.

    `weights`: of a fused model's parts, such as a collection's balance, which its name then tells;
    None for as it was made. Raises WeightsInvalid.
    """

    def __init__(
        self, embedder: Embedder, limits: DecodeLimits, weights: Mapping[str, float] | None = None
    ) -> None:
        self._embedder = embedder
        self._limits = limits
        self._balance = Balance(embedder.card, weights)

    @property
    def name(self) -> str:
        model = self._embedder.card.name
        return (
            model if self._balance.given is None else f"{model} ({written(self._balance.weights)})"
        )

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
        score = cosines(gallery)

        def balanced(queries: Sequence[Description]) -> NDArray[np.float32]:
            vectors = np.stack(queries).astype(np.float32, copy=False)
            return self._balance.cosines(score(list(self._balance.queries(vectors))))

        return score if self._balance.given is None else balanced


def cosines(gallery: Sequence[Description]) -> Scorer:
    """Inner products with a gallery of unit vectors."""
    vectors = np.stack(gallery).astype(np.float32, copy=False)

    def score(queries: Sequence[Description]) -> NDArray[np.float32]:
        return np.stack(queries).astype(np.float32, copy=False) @ vectors.T

    return score
