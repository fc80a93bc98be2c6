"""Several descriptions of a picture in one vector."""

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import FusedPart, ModelCard
from embedding.classic.descriptor import WORKING_SIDE
from embedding.embedder import Embedder, Prepared
from embedding.fused.built_in import BuiltInParts


class FusedEmbedder(Embedder):
    """Joins the unit vectors of its parts, each times the root of its weight.

    The weights add up to 1, so that the vector is of unit length and the cosine of two pictures is
    the weighted mean of the cosines of their parts. One index holds it like any other vector.

    A picture is decoded once and prepared for every part. What needs no network is described while
    it is prepared: by each caller itself, so that callers who share a run of the model share no
    more than its networks.
    """

    def __init__(self, card: ModelCard, networks: Mapping[str, Embedder]) -> None:
        """`networks`: part -> what embeds it, of every part that has a model."""
        self._card = card
        self._networks = networks
        self._built_in = BuiltInParts()
        self._built_in_names = [part.name for part in card.parts if part.model is None]
        # Where each part stands in what `prepare` gives, in bytes.
        stops = np.cumsum([_bytes(part) for part in card.parts]).tolist()
        self._bytes = [slice(*ends) for ends in zip([0, *stops[:-1]], stops, strict=True)]

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        sides = [network.target_side for network in self._networks.values()]
        return max(sides + [WORKING_SIDE] * bool(self._built_in_names))

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One upright RGB picture -> uint8 (bytes,): for each part in its order the pixels its
        network takes, or its vector."""
        names = self._built_in_names
        described = self._built_in.describe(image, names) if names else {}
        return np.concatenate(
            [
                described[part.name].view(np.uint8)
                if part.model is None
                else self._networks[part.name].prepare(image).ravel()
                for part in self._card.parts
            ]
        )

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """See `Embedder.embed_prepared`. Raises ModelBroken when a network fails."""
        if not inputs:
            raise ValueError("there is nothing to embed: inputs is empty")
        self._check(inputs)
        joined = np.empty((len(inputs), self._card.dimension), dtype=np.float32)
        for part, place in zip(self._card.parts, self._bytes, strict=True):
            vectors = self._vectors(part, [each[place] for each in inputs])
            joined[:, part.start : part.stop] = np.float32(sqrt(part.weight)) * vectors
        return joined

    def _vectors(self, part: FusedPart, inputs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        if part.model is None:
            return np.stack([each.view(np.float32) for each in inputs])
        shape = (part.model.input_size, part.model.input_size, 3)
        return self._networks[part.name].embed_prepared([each.reshape(shape) for each in inputs])

    def _check(self, inputs: Sequence[Prepared]) -> None:
        """Pictures prepared by another model are the calling program's mistake, not a user's."""
        expected = (self._bytes[-1].stop,)
        for row, prepared in enumerate(inputs):
            if prepared.shape != expected or prepared.dtype != np.uint8:
                raise ValueError(f"input {row} was not prepared for {self._card.name!r}")


def _bytes(part: FusedPart) -> int:
    if part.model is None:
        return 4 * (part.stop - part.start)
    return 3 * part.model.input_size**2
