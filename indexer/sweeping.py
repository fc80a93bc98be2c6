"""Kept copies of pictures that no product shows any more."""

from collections.abc import Iterable

from catalog.products import Products
from retrieval.home import Home


def sweep_copies(home: Home) -> int:
    """Remove them, but for young ones, which may be about to be shown; how many went."""

    def in_use(contents: Iterable[str]) -> set[str]:
        with home.database.read() as connection:
            return Products(connection).contents_in_use(contents)

    return home.pictures.sweep(in_use)
