"""The parts that need no network: colour and texture of the classic descriptor, exact shades."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.classic.descriptor import (
    ClassicDescriptor,
    ClassicParameters,
    revision_of,
    working_pixels,
)
from embedding.fused.shades import CODE_VERSION as SHADES_VERSION
from embedding.fused.shades import SHADES, shades

CLASSIC_PARTS = ("colour", "texture")
BUILT_IN = (*CLASSIC_PARTS, "shades")
"""`colour`: the histogram and the layout of the colours. `texture`: shape and pattern. `shades`:
how much of which exact shade."""

Floats = NDArray[np.float32]


class BuiltInParts:
    """Describes a picture by parts that are code, each of unit length by itself."""

    def __init__(self) -> None:
        parameters = ClassicParameters()
        self._descriptor = ClassicDescriptor(parameters)
        self._share_of_texture = parameters.weights.shape + parameters.weights.pattern
        self.lengths = {
            "colour": self._descriptor.colour_length,
            "shades": SHADES,
            "texture": self._descriptor.texture_length,
        }

    def describe(self, image: Image.Image, names: Collection[str]) -> dict[str, Floats]:
        """One upright RGB picture -> float32 (length,) of unit norm, by name of the part.

        `names`: some of BUILT_IN.
        """
        return self.describe_pixels(working_pixels(image), names)

    def describe_pixels(
        self, pixels: NDArray[np.uint8], names: Collection[str]
    ) -> dict[str, Floats]:
        """The same of what `working_pixels` gave."""
        view = self._descriptor.view(pixels) if set(CLASSIC_PARTS) & set(names) else None
        described: dict[str, Floats] = {}
        for name in names:
            if view is None or name == "shades":
                described[name] = shades(pixels)
            elif name == "colour":
                colour = np.concatenate(self._descriptor.colour(view), axis=1)[0]
                described[name] = colour / np.linalg.norm(colour)
            else:
                texture = np.concatenate(self._descriptor.texture(view), axis=1)[0]
                described[name] = _filled(texture / np.float32(self._share_of_texture**0.5))
        return described


def revision(names: Collection[str]) -> str:
    """Changes whenever a description by one of these parts does."""
    classic = revision_of(ClassicParameters()) if set(CLASSIC_PARTS) & set(names) else ""
    return "-".join(filter(None, [classic, f"shades{SHADES_VERSION}" * ("shades" in names)]))


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
