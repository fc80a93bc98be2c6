"""The seam between what is evaluated and how: anything that can rank pictures by a picture."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Description = NDArray[Any]
"""What a contender keeps of one picture: a vector (dimension,), or a table of local features
(features, columns). Of one contender all have the same dtype and number of columns."""

Scorer = Callable[[Sequence[Description]], NDArray[np.float32]]
"""Descriptions of queries -> float32 (queries, gallery), higher is nearer, never NaN."""


class Ranker(Protocol):
    """A way to rank descriptions by descriptions. Deterministic."""

    @property
    def name(self) -> str:
        """What tables and reports call it; unique within an evaluation."""
        ...

    def index(self, gallery: Sequence[Description]) -> Scorer:
        """Makes a gallery searchable, like an index that is built once; fit on it what needs
        fitting without labels (a vocabulary, principal components). The scorer is then called
        with blocks of queries, from one thread."""
        ...


class Contender(Ranker, Protocol):
    """A way to say how alike two pictures are. Deterministic.

    Descriptions are cached by `key` and the picture's content; ranking is not.
    """

    @property
    def key(self) -> str:
        """Decides the descriptions: whatever changes one (weights, parameters, code) changes it.

        Contenders that rank the same descriptions differently (other distances, shorter codes)
        share the key, and so the work of describing. Printable, of any length.
        """
        ...

    @property
    def bytes_per_picture(self) -> int | None:
        """What an index would keep of one picture; None when it depends on the picture, and is
        then measured as the mean size of the gallery's descriptions."""
        ...

    def describe(self, content: bytes) -> Description:
        """A picture file's bytes -> what is kept of it. Called from many threads at once.

        Raises `embedding.errors.PictureError` for a picture that cannot be used.
        """
        ...
