"""The classic embedder: the model that is there before any model is installed (S1)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.classic.descriptor import (
    WORKING_SIDE,
    ClassicDescriptor,
    ClassicParameters,
    revision_of,
    working_pixels,
)
from embedding.embedder import Embedder


class ClassicEmbedder(Embedder):
    """Colour and texture of a picture as one unit vector; deterministic, with nothing learnt.

    The vector joins four pieces, each of unit norm times the root of its weight: the histogram of
    the product's colours, their layout, the shape drawn by edges on a grid, and the pattern of
    the whole. So the cosine of two pictures is the weighted mean of the cosines of their pieces.
    It sees that two things are red and striped alike, never that both are shoes.
    """

    def __init__(self, parameters: ClassicParameters | None = None) -> None:
        self._descriptor = ClassicDescriptor(parameters or ClassicParameters())
        self._card = self._make_card(parameters or ClassicParameters())

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        return WORKING_SIDE

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One RGB picture of any size -> uint8 (128, 128, 3), stretched."""
        return working_pixels(image)

    def embed_prepared(self, inputs: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """Inputs of `prepare` -> float32 (len(inputs), card.dimension), unit norm.

        Raises ValueError when `inputs` is empty.
        """
        if not len(inputs):
            raise ValueError("there is nothing to embed: inputs is empty")
        return np.concatenate([self._embed_one(pixels) for pixels in inputs])

    def _embed_one(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        view = self._descriptor.view(pixels)
        pieces = [*self._descriptor.colour(view), *self._descriptor.texture(view)]
        joined = np.concatenate(pieces, axis=1)
        joined /= np.linalg.norm(joined, axis=1, keepdims=True)
        return joined

    def _make_card(self, parameters: ClassicParameters) -> ModelCard:
        return ModelCard(
            name="classic",
            kind="classic",
            description=(
                "Colour and texture, without learning: finds the same colours, patterns and "
                "outlines in the same places. It does not know what a thing is."
            ),
            licence="Apache-2.0",
            source="part of Likeness",
            created_at=datetime(2026, 11, 21, tzinfo=UTC),
            dimension=self._descriptor.colour_length + self._descriptor.texture_length,
            input_size=WORKING_SIDE,
            fit="stretch",
            interpolation="bilinear",
            # S4's, as for every model nobody has calibrated. It is generous here: between garments
            # photographed alike a third of the strangers pass it (errors are fewest near 0.84).
            threshold=0.80,
            revision=revision_of(parameters),
        )
