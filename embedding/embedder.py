"""The seam between pictures and vectors: what every model, classic or learned, can do."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard

Prepared = NDArray[Any]
"""One picture as a model's input: shape and dtype are the model's own affair."""

Hint = Literal["latency", "throughput"]
"""`latency`: one picture at a time gets all processors, for queries. `throughput`: several
pictures at a time get a processor or a few each, for bulk jobs that hand over batches."""


class Embedder(Protocol):
    """Turns pictures into unit vectors. Every method may be called from many threads at once.

    `embed` is split in two so that a program can prepare pictures in parallel and embed them in
    batches; a vector does not depend on which other pictures shared its batch.
    Implementations subclass this and inherit `embed`.
    """

    @property
    def card(self) -> ModelCard:
        """What the model is; `card.dimension` and `card.fingerprint` describe its vectors."""
        ...

    @property
    def target_side(self) -> int:
        """Pixels the model needs on a picture's shorter side: hand it to `images.decode`."""
        ...

    def prepare(self, image: Image.Image) -> Prepared:
        """One upright RGB picture of any size -> one input. Pure; the CPU work of resizing."""
        ...

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """One or more inputs of `prepare` -> float32 (len(inputs), dimension), unit L2 norm,
        in the same order. Raises ValueError when `inputs` is empty."""
        ...

    def embed(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """One or more upright RGB pictures -> float32 (len(images), dimension), unit L2 norm."""
        return self.embed_prepared([self.prepare(image) for image in images])


class Network(Embedder, Protocol):
    """An embedder whose arithmetic does not run in the thread that asks for it."""

    def embed_prepared(
        self, inputs: Sequence[Prepared], meanwhile: Callable[[], None] | None = None
    ) -> NDArray[np.float32]:
        """`meanwhile` is called once, in the thread that asks, when the first picture is under
        way; what it raises is raised."""
        ...
