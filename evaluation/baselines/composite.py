"""S1's composites: several parts joined with weights, one vector a picture."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.images import DecodeLimits, decode
from evaluation.baselines.part import WORKING_SIDE, Part, Table
from evaluation.contenders import Contender, Description, Scorer

Vectors = Callable[[Sequence[Description]], NDArray[np.float32]]


class Composite(Contender):
    """Weighted concatenation, sqrt(w_i) v_i, of the unit vectors v_i of one or more parts.

    So the score of two pictures is the weighted mean of the cosines of their parts, less the share
    of a part in which one of them has nothing to see.

    What is learnt (vocabularies) is learnt at `index`: from the descriptions of `training`
    pictures if there are any, else from the gallery; never from queries or labels.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[tuple[Part, float]],
        limits: DecodeLimits,
        training: Sequence[Description] = (),
    ) -> None:
        """`parts`: each with its weight, above 0. Raises ValueError."""
        if not parts or min(weight for _, weight in parts) <= 0.0:
            raise ValueError("a composite has one or more parts, each of a weight above 0")
        total = sum(weight for _, weight in parts)
        self._name = name
        self._parts = [part for part, _ in parts]
        self._roots = [np.float32((weight / total) ** 0.5) for _, weight in parts]
        self._columns = max(part.columns for part in self._parts)
        self._limits = limits
        self._training = training

    @property
    def name(self) -> str:
        return self._name

    @property
    def key(self) -> str:
        return " + ".join(part.key for part in self._parts)

    @property
    def bytes_per_picture(self) -> None:
        return None

    def describe(self, content: bytes) -> NDArray[np.float32]:
        """float32 (rows of all parts, 1 + columns): the number of the part, then its row, filled
        up with zeros. Raises PictureError."""
        decoded = decode(content, limits=self._limits, target_side=1, target_long_side=WORKING_SIDE)
        image = _scaled(decoded.image)
        return np.concatenate(
            [
                np.pad(
                    np.insert(part.table(image), 0, number, axis=1),
                    ((0, 0), (0, self._columns - part.columns)),
                )
                for number, part in enumerate(self._parts)
            ]
        )

    def index(self, gallery: Sequence[Description]) -> Scorer:
        vectors = self.fit(gallery)
        searched = vectors(gallery)
        return lambda queries: vectors(queries) @ searched.T

    def fit(self, gallery: Sequence[Description]) -> Vectors:
        """Descriptions -> float32 (pictures, dimension), as this gallery is searched with."""
        learnt_from = self._training or gallery
        vectorisers = [
            part.fit([self._table(each, number) for each in learnt_from])
            for number, part in enumerate(self._parts)
        ]

        def vectors(descriptions: Sequence[Description]) -> NDArray[np.float32]:
            return np.concatenate(
                [
                    root * vectorise([self._table(each, number) for each in descriptions])
                    for number, (root, vectorise) in enumerate(
                        zip(self._roots, vectorisers, strict=True)
                    )
                ],
                axis=1,
            )

        return vectors

    def _table(self, description: Description, number: int) -> Table:
        return description[description[:, 0] == number, 1 : 1 + self._parts[number].columns]


def _scaled(image: Image.Image) -> Image.Image:
    scale = WORKING_SIDE / max(image.size)
    if scale >= 1.0:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
