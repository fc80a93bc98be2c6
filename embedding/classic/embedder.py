"""The classic embedder: the model that is there before any model is installed (S1)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.classic.background import BackgroundParameters, foreground
from embedding.classic.colour import ColourDescriptor, ColourParameters, oklab
from embedding.classic.texture import TextureDescriptor, TextureParameters
from embedding.embedder import Embedder

CODE_VERSION = 1
"""Raised when this package's code gives other vectors for the same parameters."""

WORKING_SIDE = 128
"""Every picture is stretched to this many pixels in height and width."""


@dataclass(frozen=True)
class PartWeights:
    """Share of each part in the squared norm of the vector, relative to one another.

    More `shape` finds the same cut in other colours, at the cost of the same product seen from
    another side, where colour is what stays; the defaults favour the latter.
    """

    histogram: float = 1.0
    layout: float = 0.05
    shape: float = 0.3
    pattern: float = 0.05

    def __post_init__(self) -> None:
        if self.histogram <= 0.0 or min(self.layout, self.shape, self.pattern) < 0.0:
            # The histogram is the one part that is never zero, whatever the picture.
            raise ValueError("histogram must be above 0 and the other weights not below 0")


@dataclass(frozen=True)
class ClassicParameters:
    """Everything that decides a vector besides the code."""

    weights: PartWeights = field(default_factory=PartWeights)
    background: BackgroundParameters = field(default_factory=BackgroundParameters)
    colour: ColourParameters = field(default_factory=ColourParameters)
    texture: TextureParameters = field(default_factory=TextureParameters)


class ClassicEmbedder(Embedder):
    """Colour and texture of a picture as one unit vector; deterministic, with nothing learnt.

    The vector joins four parts, each of unit norm times the root of its weight: the histogram of
    the product's colours, their layout, the shape drawn by edges on a grid, and the pattern of
    the whole. So the cosine of two pictures is the weighted mean of the cosines of their parts.
    It sees that two things are red and striped alike, never that both are shoes.
    """

    def __init__(self, parameters: ClassicParameters | None = None) -> None:
        self._parameters = parameters or ClassicParameters()
        self._colour = ColourDescriptor(self._parameters.colour)
        self._texture = TextureDescriptor(self._parameters.texture, WORKING_SIDE)
        self._card = self._make_card()

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        return WORKING_SIDE

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One RGB picture of any size -> uint8 (128, 128, 3), stretched."""
        size = (WORKING_SIDE, WORKING_SIDE)
        stretched = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(stretched)

    def embed_prepared(self, inputs: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """Inputs of `prepare` -> float32 (len(inputs), card.dimension), unit norm.

        One by one: two at once leave the processor's cache and take a quarter longer each, and
        matrices of another size round differently, so that a vector would depend on its batch.
        Raises ValueError when `inputs` is empty.
        """
        if not len(inputs):
            raise ValueError("there is nothing to embed: inputs is empty")
        return np.concatenate([self._embed_block(each[np.newaxis]) for each in inputs])

    def _embed_block(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        lab = oklab(_halved(rgb))
        weights = foreground(lab, self._parameters.background)
        shape, pattern = self._texture.shape_and_pattern(_lightness(rgb), weights)
        share = self._parameters.weights
        parts = [
            (share.histogram, self._colour.histogram(lab, weights)),
            (share.layout, self._colour.layout(lab, weights)),
            (share.shape, shape),
            (share.pattern, pattern),
        ]
        joined = np.concatenate([np.float32(weight**0.5) * part for weight, part in parts], axis=1)
        joined /= np.linalg.norm(joined, axis=1, keepdims=True)
        return joined

    def _make_card(self) -> ModelCard:
        decisive = json.dumps(asdict(self._parameters), sort_keys=True).encode()
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
            dimension=self._colour.histogram_length
            + self._colour.layout_length
            + self._texture.shape_length
            + self._texture.pattern_length,
            input_size=WORKING_SIDE,
            fit="stretch",
            interpolation="bilinear",
            # S4's, as for every model nobody has calibrated. It is generous here: between garments
            # photographed alike a third of the strangers pass it (errors are fewest near 0.84).
            threshold=0.80,
            revision=f"{CODE_VERSION}-{hashlib.sha256(decisive).hexdigest()[:16]}",
        )


def _halved(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of every 2 x 2 pixels: (n, side, side, 3) -> (n, side / 2, side / 2, 3)."""
    wide = rgb.astype(np.uint16)
    rows = wide[:, 0::2] + wide[:, 1::2]
    return ((rows[:, :, 0::2] + rows[:, :, 1::2] + 2) >> 2).astype(np.uint8)


def _lightness(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma of ITU-R BT.601, 0..1."""
    return rgb.astype(np.float32) @ (
        np.array([0.299, 0.587, 0.114], dtype=np.float32) / np.float32(255.0)
    )
