"""The demo renderer's pictures under trial: thing and background known, and pairs that differ in
one known factor."""

import hashlib
from functools import partial
from pathlib import Path

import numpy as np

from demo.catalogue import LARGEST, catalogue_pictures, plan_products
from demo.catalogue import Picture as DrawnPicture
from demo.model import SIDE
from demo.pairs import Pair, plan_pairs
from demo.render import Progress, draw_mask, draw_missing
from demo.truth import RENDERER_VERSION
from embedding.images import DecodeLimits
from evaluation.pictures import Picture
from evaluation.robustness.effects import FactorPair
from evaluation.robustness.scenes import Mask
from evaluation.robustness.subjects import Sample, Subject


class DrawnPictures:
    """The renderer's pictures of one seed, drawn below `folder` once and kept."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder / f"demo-{RENDERER_VERSION}-{seed}"
        self._seed = seed

    def sample(self, count: int, progress: Progress) -> Sample:
        """The front pictures of the catalogue's first `count` products. Raises DemoError."""
        products = plan_products(self._seed, min(count, LARGEST))
        fronts = [catalogue_pictures(self._seed, product)[0] for product in products]
        draw_missing(self._folder, fronts, progress=progress)
        return Sample(
            source="the demo catalogue",
            subjects=tuple(
                Subject(
                    self._picture(front),
                    product.id,
                    separable=True,
                    limits=DecodeLimits(),
                    known_mask=partial(_mask, front),
                )
                for product, front in zip(products, fronts, strict=True)
            ),
            unreadable={},
        )

    def pairs(self, per_effect: int, progress: Progress) -> list[FactorPair]:
        """So many pairs for each changed characteristic. Raises DemoError."""
        planned = plan_pairs(self._seed, per_effect)
        halves = [half for pair in planned for half in (pair.first, pair.second)]
        draw_missing(self._folder, halves, progress=progress)
        return [self._pair(pair) for pair in planned]

    def _pair(self, pair: Pair) -> FactorPair:
        return FactorPair(
            pair.effect, pair.factor, self._picture(pair.first), self._picture(pair.second)
        )

    def _picture(self, drawn: DrawnPicture) -> Picture:
        path = self._folder / drawn.path
        content = path.read_bytes()
        return Picture(drawn.path, hashlib.sha256(content).hexdigest(), path.read_bytes)


def _mask(drawn: DrawnPicture) -> Mask:
    return np.asarray(draw_mask(drawn, SIDE), dtype=np.float32)
