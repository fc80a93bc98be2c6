"""Whether a new model can have its name, asked before the long work that makes it."""

import re
from collections.abc import Collection
from itertools import count

from catalog.collections import Collections
from embedding.errors import ModelError
from embedding.model_names import check_name, name_taken
from retrieval.home import Home


def check_name_free(home: Home, name: str, *, overwrite: bool) -> None:
    """With `overwrite` a model of that name may be there, but none that a collection is searched
    with: pictures that are indexed from then on would get vectors of another space.

    Raises ModelError, which says under which name and how the collection moves on.
    """
    check_name(name)
    taken = {card.name for card in home.store.cards()} | {each for each, _ in home.store.broken()}
    if name not in taken:
        return
    if not overwrite:
        raise name_taken(name)
    if on_it := collections_searched_with(home, name):
        free = _next_name(name, taken)
        raise ModelError(
            f"Collection {', '.join(on_it)} is searched with {name!r}, and a model in its place "
            f"would give other vectors. Give the new one another name, --as {free}, and move the "
            f"collection to it: likeness reindex --collection {on_it[0]} --model {free}. Then the "
            f"old one can go: likeness models remove {name}."
        )


def collections_searched_with(home: Home, model: str) -> list[str]:
    with home.database.read() as connection:
        return [each.name for each in Collections(connection).all() if each.model_name == model]


def _next_name(name: str, taken: Collection[str]) -> str:
    """`shop` -> `shop-2`, `shop-2` -> `shop-3`: the first of them that is free."""
    stem = re.sub(r"-\d+$", "", name)
    return next(each for n in count(2) if (each := f"{stem}-{n}") not in taken)
