"""What the classic descriptor says of a picture: four pieces, two of colour and two of texture."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.classic.background import BackgroundParameters, foreground
from embedding.classic.colour import ColourDescriptor, ColourParameters, oklab
from embedding.classic.texture import TextureDescriptor, TextureParameters
from embedding.preprocessing import Preparation, prepare_pixels

Floats = NDArray[np.float32]

CODE_VERSION = 1
"""Raised when this package's code gives other vectors for the same parameters."""

WORKING_SIDE = 128
"""Every picture is stretched to this many pixels in height and width."""

WORKING = Preparation(WORKING_SIDE, "stretch", "bilinear")


@dataclass(frozen=True)
class PartWeights:
    """Share of each piece in the squared norm of the vector, relative to one another.

    More `shape` finds the same cut in other colours, at the cost of the same product seen from
    another side, where colour is what stays; the defaults favour the latter.
    """

    histogram: float = 1.0
    layout: float = 0.05
    shape: float = 0.3
    pattern: float = 0.05

    def __post_init__(self) -> None:
        if self.histogram <= 0.0 or min(self.layout, self.shape, self.pattern) < 0.0:
            # The histogram is the one piece that is never zero, whatever the picture.
            raise ValueError("histogram must be above 0 and the other weights not below 0")


@dataclass(frozen=True)
class ClassicParameters:
    """Everything that decides a vector besides the code."""

    weights: PartWeights = field(default_factory=PartWeights)
    background: BackgroundParameters = field(default_factory=BackgroundParameters)
    colour: ColourParameters = field(default_factory=ColourParameters)
    texture: TextureParameters = field(default_factory=TextureParameters)


@dataclass(frozen=True)
class View:
    """One picture made ready: its working pixels, uint8 (1, side, side, 3), their OKLab planes at
    half the side, and how surely each of those shows the product."""

    rgb: NDArray[np.uint8]
    lab: Floats
    weights: Floats


class ClassicDescriptor:
    """Colour and texture of one picture, each as two pieces of at most unit norm, weighed.

    A weighed piece is the piece times the root of its weight: (1, length). One picture at a time:
    two at once leave the processor's cache and take a quarter longer each, and matrices of
    another size round differently, so that a vector would depend on its batch.
    """

    def __init__(self, parameters: ClassicParameters) -> None:
        self._parameters = parameters
        self._colour = ColourDescriptor(parameters.colour)
        self._texture = TextureDescriptor(parameters.texture, WORKING_SIDE)

    @property
    def colour_length(self) -> int:
        return self._colour.histogram_length + self._colour.layout_length

    @property
    def texture_length(self) -> int:
        return self._texture.shape_length + self._texture.pattern_length

    def view(self, pixels: NDArray[np.uint8]) -> View:
        """What `working_pixels` gave."""
        rgb = pixels[np.newaxis]
        lab = oklab(_halved(rgb))
        return View(rgb, lab, foreground(lab, self._parameters.background))

    def colour(self, view: View) -> list[Floats]:
        """The histogram of the product's colours, and their layout."""
        share = self._parameters.weights
        return [
            _weighed(share.histogram, self._colour.histogram(view.lab, view.weights)),
            _weighed(share.layout, self._colour.layout(view.lab, view.weights)),
        ]

    def texture(self, view: View) -> list[Floats]:
        """The shape drawn by edges on a grid, and the pattern of the whole. The numbers of each
        add up to nothing."""
        share = self._parameters.weights
        shape, pattern = self._texture.shape_and_pattern(_lightness(view.rgb), view.weights)
        return [_weighed(share.shape, shape), _weighed(share.pattern, pattern)]


def working_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """One RGB picture of any size -> uint8 (WORKING_SIDE, WORKING_SIDE, 3), stretched."""
    return prepare_pixels(image, WORKING)


def revision_of(parameters: ClassicParameters) -> str:
    """Names the code and the parameters that decide a description."""
    decisive = json.dumps(asdict(parameters), sort_keys=True).encode()
    return f"{CODE_VERSION}-{hashlib.sha256(decisive).hexdigest()[:16]}"


def _weighed(weight: float, piece: Floats) -> Floats:
    return np.float32(weight**0.5) * piece


def _halved(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of every 2 x 2 pixels: (n, side, side, 3) -> (n, side / 2, side / 2, 3)."""
    wide = rgb.astype(np.uint16)
    rows = wide[:, 0::2] + wide[:, 1::2]
    return ((rows[:, :, 0::2] + rows[:, :, 1::2] + 2) >> 2).astype(np.uint8)


def _lightness(rgb: NDArray[np.uint8]) -> Floats:
    """Luma of ITU-R BT.601, 0..1."""
    return rgb.astype(np.float32) @ (
        np.array([0.299, 0.587, 0.114], dtype=np.float32) / np.float32(255.0)
    )
