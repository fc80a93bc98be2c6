"""Half-precision vectors by place, for scoring a few of many: in memory, or left in their file."""

import mmap
import os
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from vector_index.errors import SnapshotTorn

_STORED: Final = np.dtype("<f2")

# Pages of the file that searches have touched are given back after so many vectors. They stay in
# the kernel's cache, where looking at one again costs half a microsecond, but no longer count as
# memory of this process: at 1,280 dimensions that bounds it to some 16 MB instead of the file.
_GIVEN_BACK_AFTER: Final = 4_096


class VectorRows(Protocol):
    """float16 (n, dimension), read only. Safe to read from many threads at once."""

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        """A copy (m, dimension) of the vectors at `places` (m,), each 0 <= place < n.

        Raises SnapshotTorn when the file they lie in has been cut short.
        """

    def is_whole(self) -> bool:
        """Whether all of them can still be read."""


class HeldRows:
    """Vectors in memory, as an index is built from them."""

    def __init__(self, vectors: NDArray[np.float16]) -> None:
        """vectors: float16 (n, dimension); not copied, not to be changed any more."""
        self._vectors = vectors

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        return self._vectors[places]

    def is_whole(self) -> bool:
        return True


class MappedRows:
    """Vectors in a mapped file, of which a search touches a few dozen.

    Reading a mapped page that is no longer in the file kills the process (SIGBUS), so the size
    of the file is looked at before every reading: a file cut short raises SnapshotTorn, unless
    that happens in the microseconds between. A file that is only removed stays readable.
    """

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """path: `count` vectors one after another, little-endian, nothing else.

        Raises OSError, and SnapshotTorn when the file has another size.
        """
        self._path = path
        self._size_bytes = count * dimension * _STORED.itemsize
        with path.open("rb") as file:
            self._file = os.dup(file.fileno())
        self._check_size()
        self._map = mmap.mmap(self._file, self._size_bytes, prot=mmap.PROT_READ)
        # Neighbours in the file are not neighbours otherwise: read no pages around those asked for.
        self._map.madvise(mmap.MADV_RANDOM)
        self._vectors = np.frombuffer(self._map, _STORED).reshape(count, dimension)
        self._read_since_given_back = 0

    def __del__(self) -> None:
        # The map closes itself; the descriptor does not.
        if hasattr(self, "_file"):
            os.close(self._file)

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        self._check_size()
        found: NDArray[np.float16] = self._vectors[places]
        # Threads may lose a count to each other: nothing but the moment depends on it.
        self._read_since_given_back += len(places)
        if self._read_since_given_back >= _GIVEN_BACK_AFTER:
            self._read_since_given_back = 0
            self._map.madvise(mmap.MADV_DONTNEED)
        return found

    def is_whole(self) -> bool:
        return os.fstat(self._file).st_size == self._size_bytes

    def _check_size(self) -> None:
        if not self.is_whole():
            raise SnapshotTorn(
                self._path.parent,
                f"{self._path.name} has {os.fstat(self._file).st_size} bytes instead of "
                f"{self._size_bytes}",
            )
