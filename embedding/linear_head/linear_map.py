"""A linear map of vectors, and the one file it is kept in."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.errors import ModelBroken

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LinearMap:
    """x -> unit((x - mean) @ matrix). `mean`: float32 (d,), `matrix`: float32 (d, dimension)."""

    mean: Floats
    matrix: Floats

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.mean.shape != self.matrix.shape[:1]:
            raise ValueError(
                f"a mean of shape {self.mean.shape} does not belong to a matrix of shape "
                f"{self.matrix.shape}"
            )

    @property
    def dimension(self) -> int:
        return int(self.matrix.shape[1])

    def __call__(self, vectors: Floats) -> Floats:
        """float32 (n, d) -> (n, dimension) of unit norm; a row does not depend on the others.

        What lies at the mean has no direction, and is given that of the first axis.
        """
        centred = vectors - self.mean
        # Row by row: a product of matrices rounds otherwise with every number of rows.
        mapped: Floats = np.stack([row @ self.matrix for row in centred])
        lengths = np.sqrt((mapped * mapped).sum(axis=1, keepdims=True))
        at_the_mean = lengths[:, 0] == 0.0
        mapped[at_the_mean, 0] = lengths[at_the_mean, 0] = 1.0
        unit: Floats = mapped / lengths
        return unit

    def write(self, file: Path) -> None:
        """Equal maps give equal files. Raises OSError."""
        np.savez(file, mean=self.mean, matrix=self.matrix)

    @classmethod
    def read(cls, file: Path, *, taken: int, given: int) -> "LinearMap":
        """The map from vectors of `taken` numbers to those of `given`. Raises ModelBroken."""
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
                mean, matrix = arrays["mean"], arrays["matrix"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelBroken(f"{file} is no linear map: {error}. Learn the head again.") from error
        right = mean.shape == (taken,) and matrix.shape == (taken, given)
        if not right or {mean.dtype, matrix.dtype} != {np.dtype(np.float32)}:
            raise ModelBroken(
                f"{file} holds a {matrix.dtype} map of shape {matrix.shape} where its card "
                f"promises float32 ({taken}, {given}). Learn the head again."
            )
        if not (np.isfinite(mean).all() and np.isfinite(matrix).all()):
            raise ModelBroken(f"{file} holds what is no number. Learn the head again.")
        return cls(mean, matrix)
