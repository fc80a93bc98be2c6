"""Several descriptions of a picture in one vector."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, repeat
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.classic.descriptor import WORKING, WORKING_SIDE
from embedding.embedder import Embedder, Hint, Network, Prepared
from embedding.fused.built_in import BuiltInParts
from embedding.preprocessing import Preparation, prepare_pixels
from embedding.threads import usable_processors

Floats = NDArray[np.float32]


def network_threads(part: ModelCard, threads: int, *, beside: bool, hint: Hint) -> int:
    """How many threads a part's network may use, of `threads` for the whole model; 0: all.

    A small network takes about as long as what is described beside it (`beside`), by a thread that
    asks for one picture. With a thread on every processor it would wait for that one at each of its
    layers: so it leaves that one a processor. A large network takes all, and so does one that many
    pictures at a time are handed to.
    """
    if not beside or hint != "latency" or part.input_size > WORKING_SIDE:
        return threads
    return max(1, (threads or usable_processors()) - 1)


class FusedEmbedder(Embedder):
    """Joins the unit vectors of its parts, each times the root of its weight.

    The weights add up to 1, so that the vector is of unit length and the cosine of two pictures is
    the weighted mean of the cosines of their parts. One index holds it like any other vector.

    A picture is decoded once, and resized once for all parts that take the same square. What needs
    no network is described while a network runs, so that a picture takes as long as the slower of
    the two.
    """

    def __init__(
        self, card: ModelCard, networks: Mapping[str, Network], *, threads: int = 0
    ) -> None:
        """`networks`: part -> what embeds it, of every part that has a model; `threads`: pictures
        described at the same time, 0 for one a processor."""
        self._card = card
        self._networks = networks
        self._built_in = BuiltInParts()
        self._built_in_names = [part.name for part in card.parts if part.model is None]
        self._describing = ThreadPoolExecutor(threads or usable_processors(), "describe")
        self._square_of = {
            part.name: WORKING if part.model is None else Preparation.of(part.model)
            for part in card.parts
        }
        # Where each square stands in what `prepare` gives.
        squares = list(dict.fromkeys(self._square_of.values()))
        stops = np.cumsum([3 * square.input_size**2 for square in squares]).tolist()
        ends = zip([0, *stops[:-1]], stops, strict=True)
        self._places = {square: slice(*each) for square, each in zip(squares, ends, strict=True)}
        self._bytes: int = stops[-1]

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        sides = [network.target_side for network in self._networks.values()]
        return max(sides + [WORKING_SIDE] * bool(self._built_in_names))

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One upright RGB picture -> uint8 (bytes,): the pixels that its parts take, each square
        once."""
        return np.concatenate([prepare_pixels(image, each).ravel() for each in self._places])

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """See `Embedder.embed_prepared`. Raises ModelBroken when a network fails."""
        if not inputs:
            raise ValueError("there is nothing to embed: inputs is empty")
        self._check(inputs)
        descriptions: Iterable[Mapping[str, Floats]] = ()

        def describe() -> None:
            nonlocal descriptions
            descriptions = self._described(inputs)

        vectors: dict[str, Floats] = {}
        meanwhile = chain([describe], repeat(None))
        for (name, network), work in zip(self._networks.items(), meanwhile, strict=False):
            vectors[name] = network.embed_prepared(self._pixels(inputs, name), work)
        if not self._networks:
            describe()
        rows = list(descriptions)
        for name in self._built_in_names:
            vectors[name] = np.stack([each[name] for each in rows])
        return np.concatenate(
            [np.float32(sqrt(part.weight)) * vectors[part.name] for part in self._card.parts],
            axis=1,
        )

    def _described(self, inputs: Sequence[Prepared]) -> Iterable[Mapping[str, Floats]]:
        """By the parts that need no network. One picture is described here and now, since handing
        it to another thread takes as long as a part of it; several are begun."""
        if not self._built_in_names:
            return ()
        describe = partial(self._built_in.describe_pixels, names=self._built_in_names)
        pixels = self._pixels(inputs, self._built_in_names[0])
        return [describe(pixels[0])] if len(pixels) == 1 else self._describing.map(describe, pixels)

    def _pixels(self, inputs: Sequence[Prepared], part: str) -> list[NDArray[np.uint8]]:
        square = self._square_of[part]
        shape = (square.input_size, square.input_size, 3)
        return [prepared[self._places[square]].reshape(shape) for prepared in inputs]

    def _check(self, inputs: Sequence[Prepared]) -> None:
        """Pictures prepared by another model are the calling program's mistake, not a user's."""
        for row, prepared in enumerate(inputs):
            if prepared.shape != (self._bytes,) or prepared.dtype != np.uint8:
                raise ValueError(f"input {row} was not prepared for {self._card.name!r}")
