"""What of the teachers' knowledge is taught: a linear map of their joined feature maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embedding.whole_files import replacing
from training.errors import SettingsInvalid
from training.linear.basis import principal_directions
from training.linear.whitening import Spectrum, discriminative, within_class

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TeachingMap:
    """target = (joined - mean) @ matrix, of a vector or of every place of a map alike: the mean of
    the places' targets is the target of their mean.

    sizes (teachers,): what each teacher's maps are divided by, so that all count alike
    mean (channels of all,), matrix (channels of all, dimension)
    """

    sizes: Floats
    mean: Floats
    matrix: Floats

    @classmethod
    def learnt(
        cls,
        vectors: Sequence[Floats],
        labels: NDArray[np.int64],
        *,
        dimension: int,
        shrinkage: float,
    ) -> Self:
        """`vectors`: of each teacher (n, its channels), of whole pictures, as the network gives
        them; `labels` (n,), -1 where pictures are not known to be alike.

        The linear head's whitening within products (`training.linear.whitening`) of the joined
        vectors' principal components, then the directions of most scatter after it, over all
        pictures. Targets of whole pictures have a mean square length of 1. Raises SettingsInvalid
        where pictures are too few.
        """
        sizes = np.array(
            [np.sqrt(np.square(each).sum(axis=1).mean()) for each in vectors], dtype=np.float32
        )
        joined = _joined(vectors, sizes)
        mean = joined.mean(axis=0)
        directions = principal_directions(joined)
        if min(directions.shape[1], len(joined) - 1) < dimension:
            raise SettingsInvalid(
                f"teaching.dimension is {dimension:,}, and {len(joined):,} pictures of teachers "
                f"of {joined.shape[1]:,} numbers leave fewer. Choose a smaller one."
            )
        reduced = (joined - mean) @ directions
        try:
            scatter = within_class(reduced, labels)
        except ValueError as error:
            raise SettingsInvalid(
                "No two pictures to learn from are known to be alike. Name a column in which they "
                "agree: sources: [{catalogue: …, alike: product_id}]."
            ) from error
        spectrum = Spectrum.of(scatter)
        whitening = spectrum.vectors * spectrum.scales(shrinkage)
        leading = discriminative(reduced @ whitening)[:, :dimension]
        matrix = directions @ (whitening @ leading)
        size = np.sqrt(np.square((joined - mean) @ matrix).sum(axis=1).mean())
        return cls(sizes, mean, (matrix / size).astype(np.float32))

    def __call__(self, maps: Sequence[Floats]) -> Floats:
        """Of each teacher (..., its channels) -> float32 (..., dimension)."""
        return np.asarray((_joined(maps, self.sizes) - self.mean) @ self.matrix, dtype=np.float32)

    def write(self, path: Path) -> None:
        """Raises OSError."""
        with replacing(path) as written:
            np.savez(written, sizes=self.sizes, mean=self.mean, matrix=self.matrix)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises OSError, ValueError, KeyError."""
        with np.load(path, allow_pickle=False) as held:
            return cls(held["sizes"], held["mean"], held["matrix"])


def _joined(maps: Sequence[Floats], sizes: Floats) -> Floats:
    return np.concatenate([each / size for each, size in zip(maps, sizes, strict=True)], axis=-1)
