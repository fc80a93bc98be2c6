"""A linear map of vectors, and the one file it is kept in."""

import zipfile
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedding.errors import ModelBroken

Floats = NDArray[np.float32]

_LONGEST_HEADER = 1024
_LONGEST_MAPPED = 1e18


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
            with zipfile.ZipFile(file) as kept:
                mean = _array(kept, "mean.npy", (taken,))
                matrix = _array(kept, "matrix.npy", (taken, given))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelBroken(f"{file} is no linear map: {error}. Learn the head again.") from error
        # No unit vector is mapped to a longer one than this, whose square must be a number, too.
        longest = (1.0 + _norm(mean)) * _norm(matrix)
        if not longest < _LONGEST_MAPPED:
            raise ModelBroken(
                f"{file} holds what is no number, or makes vectors longer than numbers reach. "
                f"Learn the head again."
            )
        return cls(mean, matrix)


def _norm(numbers: Floats) -> float:
    """NaN or infinite where a number is."""
    return float(np.linalg.norm(numbers.ravel(order="K").astype(np.float64)))


def _array(kept: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> Floats:
    """An array of that shape, of which nothing is read before its header and its size agree with
    it: a few bytes can promise terabytes. Raises ValueError, KeyError, OSError, BadZipFile."""
    info = kept.getinfo(name)
    size = 4 * prod(shape)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > size + _LONGEST_HEADER:
        raise ValueError(f"{name} is compressed, or larger than its card promises")
    with kept.open(info) as opened:
        if np.lib.format.read_magic(opened) != (1, 0):
            raise ValueError(f"{name} is of another format")
        found, is_by_columns, dtype = np.lib.format.read_array_header_1_0(opened)
        if found != shape or dtype != np.float32:
            raise ValueError(f"{name} is {dtype} {found} where its card promises float32 {shape}")
        content = opened.read(size)
    order: Literal["C", "F"] = "F" if is_by_columns else "C"
    return np.frombuffer(content, dtype=np.float32).reshape(shape, order=order)
