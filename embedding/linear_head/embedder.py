"""A model followed by a learnt linear map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.embedder import Embedder, Prepared
from embedding.linear_head.linear_map import LinearMap


class LinearHeadEmbedder(Embedder):
    """Pictures are prepared and embedded by the base; its vectors are mapped to others."""

    def __init__(self, card: ModelCard, base: Embedder, head: LinearMap) -> None:
        self._card = card
        self._base = base
        self._head = head

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        return self._base.target_side

    def prepare(self, image: Image.Image) -> Prepared:
        """What the base makes of one upright RGB picture."""
        return self._base.prepare(image)

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """See `Embedder.embed_prepared`. Raises what the base raises."""
        return self._head(self._base.embed_prepared(inputs))
