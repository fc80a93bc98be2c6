"""Baselines and variants by the names that are written on the command line."""

import re
from collections.abc import Callable
from functools import partial

from embedding.fused.built_in import BUILT_IN
from embedding.images import DecodeLimits
from evaluation.baselines.built_in_parts import BuiltInPart
from evaluation.baselines.codes import BinaryCodes, PrincipalCodes
from evaluation.baselines.colour_histogram import ColourHistogram
from evaluation.baselines.composite import Composite
from evaluation.baselines.distances import MinkowskiDistance
from evaluation.baselines.gabor_jets import GaborJets
from evaluation.baselines.mser_blobs import MserBlobs
from evaluation.baselines.points import PointMatching
from evaluation.contenders import Contender

# Of colour, pattern and blobs. Chosen by R@1 of the same product and of the same style in another
# colour together, on one half of the styles of studio photographs of sportswear; the other half was
# for reporting.
_WEIGHTS = (0.7, 0.25, 0.05)

BASELINES: dict[str, Callable[[DecodeLimits], Contender]] = {
    "colour-hsv": lambda limits: Composite("colour-hsv", [(ColourHistogram("hsv"), 1.0)], limits),
    "colour-lab": lambda limits: Composite("colour-lab", [(ColourHistogram("lab"), 1.0)], limits),
    "gabor-words": lambda limits: Composite("gabor-words", [(GaborJets(), 1.0)], limits),
    "mser-words": lambda limits: Composite("mser-words", [(MserBlobs(), 1.0)], limits),
    "composite": lambda limits: Composite(
        "composite",
        list(zip((ColourHistogram("hsv"), GaborJets(), MserBlobs()), _WEIGHTS, strict=True)),
        limits,
    ),
    "points": PointMatching,
    **{name: partial(BuiltInPart, name) for name in BUILT_IN},
}
"""Name -> a contender that needs no model."""

VARIANTS = (
    "l0.5 (Minkowski, any p), l2 (Euclidean), pca64 (any length), bits256 (any multiple of 8)"
)

_MINKOWSKI = re.compile(r"l(\d+(?:\.\d+)?)")
_PRINCIPAL = re.compile(r"pca(\d+)")
_BINARY = re.compile(r"bits(\d+)")


def variant(contender: Contender, text: str) -> Contender:
    """The vectors of a model, compared as `text` says: l0.5, pca64, bits256.

    Raises ValueError, which says what there is.
    """
    if found := _MINKOWSKI.fullmatch(text):
        return MinkowskiDistance(contender, float(found[1]))
    if found := _PRINCIPAL.fullmatch(text):
        return PrincipalCodes(contender, int(found[1]))
    if found := _BINARY.fullmatch(text):
        return BinaryCodes(contender, int(found[1]))
    raise ValueError(f"there is no variant {text!r} of a model; there are {VARIANTS}")
