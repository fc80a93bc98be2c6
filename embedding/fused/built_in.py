"""The parts that need no network: colour and texture of the classic descriptor."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.classic.descriptor import (
    ClassicDescriptor,
    ClassicParameters,
    revision_of,
    working_pixels,
)

BUILT_IN = ("colour", "texture")
"""`colour`: the histogram and the layout of the colours. `texture`: shape and pattern."""

Floats = NDArray[np.float32]


class BuiltInParts:
    """Describes a picture by parts of the classic descriptor, each of unit length by itself."""

    def __init__(self) -> None:
        parameters = ClassicParameters()
        self._descriptor = ClassicDescriptor(parameters)
        self._share_of_texture = parameters.weights.shape + parameters.weights.pattern
        self.lengths = {
            "colour": self._descriptor.colour_length,
            "texture": self._descriptor.texture_length,
        }

    def describe(self, image: Image.Image, names: Iterable[str]) -> dict[str, Floats]:
        """One upright RGB picture -> float32 (length,) of unit norm, by name of the part."""
        view = self._descriptor.view(working_pixels(image))
        described: dict[str, Floats] = {}
        for name in names:
            if name == "colour":
                colour = np.concatenate(self._descriptor.colour(view), axis=1)[0]
                described[name] = colour / np.linalg.norm(colour)
            else:
                texture = np.concatenate(self._descriptor.texture(view), axis=1)[0]
                described[name] = _filled(texture / np.float32(self._share_of_texture**0.5))
        return described


def revision() -> str:
    """Changes whenever a description does."""
    return revision_of(ClassicParameters())


def _filled(texture: Floats) -> Floats:
    """Unit length for one of at most unit length whose numbers add up to nothing.

    A plain picture has no texture, and so no direction. What is missing is added to all numbers
    alike: at right angles to any texture, so that two plain pictures agree, and a plain and a
    striped one do not.
    """
    missing = max(0.0, 1.0 - float(texture @ texture))
    filled = texture + np.float32((missing / len(texture)) ** 0.5)
    unit: Floats = filled / np.linalg.norm(filled)
    return unit
