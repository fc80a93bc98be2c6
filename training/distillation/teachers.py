"""Several installed networks as one teacher."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.feature_maps import FeatureMaps
from embedding.preprocessing import prepare_pixels
from embedding.store import ModelStore
from training.data.pixels import Square
from training.errors import SettingsInvalid

Floats = NDArray[np.float32]


class Teachers:
    """Their feature maps side by side, on one grid."""

    def __init__(self, store: ModelStore, names: Sequence[str], *, threads: int) -> None:
        """Raises ModelError, and SettingsInvalid where their grids differ."""
        cards: list[ModelCard] = []
        self._maps: list[FeatureMaps] = []
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                cards.append(store.copy(name, Path(folder)))
                self._maps.append(FeatureMaps(Path(folder), cards[-1], threads=threads))
        grids = {(each.height, each.width) for each in self._maps}
        if len(grids) > 1:
            raise SettingsInvalid(
                f"The teachers {', '.join(names)} see different grids of places "
                f"({', '.join(f'{h} x {w}' for h, w in sorted(grids))}). Install them with one "
                "input size, `likeness models add NAME --size PIXELS`."
            )
        ((self.height, self.width),) = grids
        self.channels = tuple(each.channels for each in self._maps)
        self.fingerprints = tuple(card.fingerprint for card in cards)
        self._squares = [
            Square(card.input_size, card.fit, card.interpolation, card.crop_fraction)
            for card in cards
        ]

    def maps(self, images: Sequence[Image.Image]) -> list[Floats]:
        """RGB pictures -> of each teacher float32 (n, height, width, its channels)."""
        squares: dict[Square, list[NDArray[np.uint8]]] = {}
        for square in self._squares:
            if square not in squares:
                squares[square] = [prepare_pixels(image, square) for image in images]
        return [
            maps(squares[square]) for maps, square in zip(self._maps, self._squares, strict=True)
        ]
