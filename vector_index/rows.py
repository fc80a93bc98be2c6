"""Half-precision vectors by place, for scoring a few of many: in memory, or left in their file."""

import ctypes
import os
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from vector_index.errors import SnapshotTorn

_STORED: Final = np.dtype("<f2")

# `os.pread` lets go of Python's lock around every call, and on a busy service each of a hundred
# rows may then wait five milliseconds to get it back. Called like this it keeps the lock, for the
# microsecond that copying a row from the kernel's cache takes.
_pread = ctypes.PyDLL(None).pread
_pread.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64)
_pread.restype = ctypes.c_ssize_t


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


class FileRows:
    """Vectors in an open file, of which a search reads a few dozen.

    Read, not mapped: reading a mapped page that is no longer in its file kills the process
    (SIGBUS), and a kernel that caches files in large pages maps two megabytes for every row, all
    of which count as memory of this process. A file that is only removed stays readable.
    """

    def __init__(self, path: Path, count: int, dimension: int) -> None:
        """path: `count` vectors one after another, little-endian, nothing else.

        Raises OSError, and SnapshotTorn when the file has another size.
        """
        self._path = path
        self._dimension = dimension
        self._row_bytes = dimension * _STORED.itemsize
        self._size_bytes = count * self._row_bytes
        self._file = os.open(path, os.O_RDONLY)
        if not self.is_whole():
            raise self._torn()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        vectors = np.empty((len(places), self._dimension), _STORED)
        address = vectors.ctypes.data
        size = self._row_bytes
        for place in places.tolist():
            if _pread(self._file, address, size, place * size) != size:
                raise self._torn()
            address += size
        return vectors

    def is_whole(self) -> bool:
        return os.fstat(self._file).st_size == self._size_bytes

    def _torn(self) -> SnapshotTorn:
        return SnapshotTorn(
            self._path.parent,
            f"of {self._path.name}, {os.fstat(self._file).st_size} bytes instead of "
            f"{self._size_bytes}, something cannot be read",
        )
