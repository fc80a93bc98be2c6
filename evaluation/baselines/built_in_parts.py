"""The built-in parts of fused models, each alone: what a network is joined with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedding.classic.descriptor import WORKING_SIDE
from embedding.fused.built_in import BuiltInParts, revision
from embedding.images import DecodeLimits, decode
from evaluation.contenders import Contender, Description, Scorer
from evaluation.models import cosines


class BuiltInPart(Contender):
    """`colour`, `texture` or `shades` (embedding/fused/built_in.py), compared by cosine."""

    def __init__(self, name: str, limits: DecodeLimits) -> None:
        self._name = name
        self._limits = limits
        self._parts = BuiltInParts()

    @property
    def name(self) -> str:
        return self._name

    @property
    def key(self) -> str:
        return f"built-in {self._name} {revision([self._name])}"

    @property
    def bytes_per_picture(self) -> int:
        return 4 * self._parts.lengths[self._name]

    def describe(self, content: bytes) -> NDArray[np.float32]:
        """float32 (length,), unit length. Raises PictureError."""
        image = decode(content, limits=self._limits, target_side=WORKING_SIDE).image
        return self._parts.describe(image, (self._name,))[self._name]

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return cosines(gallery)
