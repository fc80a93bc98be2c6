"""Two halves of a catalogue that have no product, and no style, in common."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Relation

Units = NDArray[np.int64]
"""(pictures,): pictures of one number stay together."""

_STRATA = "category"
_PRODUCT = "product_id"


def unit_columns(pictures: PictureSet, relations: Iterable[Relation]) -> tuple[str, ...]:
    """What must not lie in both halves: the product, and whatever a relation asks for first.

    A category is no such thing: few of them hold everything, and the halves are to have the same
    ones. Empty where there is nothing but categories: then every picture is for itself.
    """
    asked = [relation.same[0] for relation in relations]
    columns = dict.fromkeys([_PRODUCT] * (_PRODUCT in pictures.labels) + asked)
    return tuple(each for each in columns if each != _STRATA)


def units(pictures: PictureSet, columns: Sequence[str]) -> Units:
    """Pictures that agree in any of the columns, hold the same bytes, or are paired as the same,
    are of one unit, and so is whatever is linked to them by others."""
    numbers = np.arange(len(pictures.pictures))
    links = [pictures.content_codes(), *(pictures.codes(column) for column in columns)]
    if pictures.same is not None:
        links += [
            np.where(np.isin(numbers, [query, *found]), 0, -1)
            for query, found in pictures.same.items()
        ]
    while True:
        before = numbers
        for codes in links:
            known = codes >= 0
            least = np.full(codes.max(initial=0) + 1, len(numbers))
            np.minimum.at(least, codes[known], numbers[known])
            numbers = np.where(known, least[np.maximum(codes, 0)], numbers)
        if np.array_equal(before, numbers):
            return numbers.astype(np.int64)


def halved(
    pictures: PictureSet, units_: Units, answered: NDArray[np.bool_], *, seed: int
) -> NDArray[np.bool_]:
    """(pictures,): whether the picture is in the first half.

    Units are dealt out in a random order, those that ask something (`answered`: pictures that are
    queries with an answer) apart from those that are only in the way, and category by category
    where there are categories.
    """
    names, first, unit = np.unique(units_, return_index=True, return_inverse=True)
    asks = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(asks, unit, answered.astype(np.int64))
    strata = np.zeros(len(names), dtype=np.int64)
    if _STRATA in pictures.labels:
        strata = pictures.codes(_STRATA)[first]
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.lexsort((strata[shuffled], asks[shuffled]))]
    in_first = np.zeros(len(names), dtype=np.bool_)
    in_first[order[::2]] = True
    return in_first[unit]
