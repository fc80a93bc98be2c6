"""The seam between what is seen in a picture and how pictures are compared by it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Table = NDArray[np.float32]
"""What a part keeps of one picture: float32 (rows, columns); there may be no rows."""

Vectoriser = Callable[[Sequence[Table]], NDArray[np.float32]]
"""Tables of one or more pictures -> float32 (pictures, dimension), of unit norm, or zero for a
picture in which there is nothing to see."""


class Part(Protocol):
    """One thing that is looked at in pictures, such as their colours. Deterministic."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str:
        """Changes with whatever changes a table."""
        ...

    @property
    def columns(self) -> int: ...

    def table(self, image: Image.Image) -> Table:
        """Of an upright RGB picture whose longer side has at most WORKING_SIDE pixels. Called from
        many threads at once."""
        ...

    def fit(self, gallery: Sequence[Table]) -> Vectoriser:
        """Learns from the tables of a gallery, without labels, how to make vectors of tables."""
        ...


WORKING_SIDE = 256
"""Pixels of the longer side of the pictures that parts look at."""


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows at unit norm; those that are zero stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0.0, norms, 1.0), dtype=np.float32)
