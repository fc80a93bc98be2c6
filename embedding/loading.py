"""A model that pictures are prepared for while it is still being loaded."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.embedder import Embedder, Prepared
from embedding.errors import ModelBroken
from embedding.preprocessing import prepare_pixels, shorter_side_needed


class LoadingEmbedder(Embedder):
    """The embedder that `load` gives, once it does.

    Checking and compiling a network takes one processor up to seconds, and preparing a picture
    needs its card alone: a bulk job decodes its first pictures meanwhile. What `load` raises is
    raised by the first `embed_prepared`. For networks only; `card` is the one `load` will find.
    """

    def __init__(self, card: ModelCard, load: Callable[[], Embedder]) -> None:
        self._card = card
        loader = ThreadPoolExecutor(1, "load-model")
        self._loaded = loader.submit(load)
        loader.shutdown(wait=False)

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        return shorter_side_needed(self._card)

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One upright RGB picture -> uint8 (input_size, input_size, 3)."""
        return prepare_pixels(image, self._card)

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """One or more inputs of `prepare` -> float32 (len(inputs), dimension), unit L2 norm.

        Waits for the model. Raises what loading it raised, and ModelBroken when another model has
        taken its name meanwhile.
        """
        embedder = self._loaded.result()
        if embedder.card.fingerprint != self._card.fingerprint:
            raise ModelBroken(
                f"The model {self._card.name!r} was replaced while it was being loaded. Repeat."
            )
        return embedder.embed_prepared(inputs)
