"""The pictures an audit looks at, where each is listed, and where their vectors come from."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ListedPicture:
    """One picture of one product. `product_id` None: a file that belongs to none.

    `read` gives the bytes of the original or of the kept copy; it raises OSError or CatalogError
    when they are gone. `width` and `height` are those of the original; `file_bytes` those of what
    `read` gives, 0 where that is not known.
    """

    name: str
    content_sha256: str
    width: int
    height: int
    read: Callable[[], bytes]
    product_id: str | None = None
    position: int = 0
    file_bytes: int = 0


Nearest = Callable[[NDArray[np.int64], int], NDArray[np.int64]]
"""(int64 (n,) places of pictures, count) -> int64 (n, count): the places of those most like each
under a model, itself among them, -1 where there are no more."""


@dataclass(frozen=True)
class Listing:
    """`source` names what was looked through; `unreadable`: name -> why it was left out."""

    source: str
    pictures: tuple[ListedPicture, ...]
    nearest: Nearest
    unreadable: dict[str, str] = field(default_factory=dict)
