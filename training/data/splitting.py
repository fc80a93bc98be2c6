"""Products to learn from, products to stop by, and products that are kept aside to the end."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Positions
from evaluation.tuning.splitting import units
from training.data.joining import PRODUCT, SOURCE, TOGETHER
from training.errors import DataInvalid

_FEWEST = 2


@dataclass(frozen=True)
class Split:
    """Positions of pictures. No product, nothing that must stay together, and no two files of the
    same bytes are in two parts."""

    training: Positions
    validation: Positions
    held_out: Positions


def split(pictures: PictureSet, *, validation: float, held_out: float, seed: int) -> Split:
    """Deals whole products (or what is coarser) out to three parts, source by source.

    `validation`, `held_out`: shares of the products of several pictures; those of one picture are
    dealt out alike, apart. Where a product goes depends on its label and the seed alone, not on
    the order of rows. Raises DataInvalid when a part would have fewer than two products to ask for.
    """
    together = units(pictures, (PRODUCT, TOGETHER))
    askers = _of_several(pictures.codes(PRODUCT))
    parts: list[list[int]] = [[], [], []]
    sources = pictures.codes(SOURCE)
    drawn = _drawn(pictures.labels[PRODUCT], together, seed)
    for source in range(sources.max() + 1):
        for asking in (True, False):
            names = _units_of(together, askers, sources == source, asking)
            order = sorted(names, key=drawn.__getitem__)
            first = round(held_out * len(order))
            second = first + round(validation * len(order))
            for part, chosen in zip(parts, (order[second:], order[first:second], order[:first]),
                                    strict=True):  # fmt: skip
                part += np.flatnonzero(np.isin(together, chosen)).tolist()
    made = Split(*(np.array(sorted(part), dtype=np.int64) for part in parts))
    _check(pictures, made, askers)
    return made


def _of_several(products: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(pictures,): whether its product has another picture."""
    several: NDArray[np.bool_] = (np.bincount(products) > 1)[products]
    return several


def _units_of(
    together: NDArray[np.int64],
    askers: NDArray[np.bool_],
    of_source: NDArray[np.bool_],
    asking: bool,
) -> list[int]:
    """Units of a source of which some picture has (or, for `asking` False, none has) another of its
    product; one linked into several sources is its first picture's."""
    first = np.unique(together)  # a unit is named by its first picture
    asks = np.isin(first, together[askers])
    return [int(unit) for unit in first[(asks == asking) & of_source[first]]]


def _drawn(products: Sequence[str], together: NDArray[np.int64], seed: int) -> dict[int, bytes]:
    """Each unit's place in the draw, by the least of its products' labels."""
    least: dict[int, str] = {}
    for unit, product in zip(together.tolist(), products, strict=True):
        least[unit] = min(least.get(unit, product), product)
    return {
        unit: hashlib.sha256(f"{seed} {product}".encode()).digest()
        for unit, product in least.items()
    }


def _check(pictures: PictureSet, made: Split, askers: NDArray[np.bool_]) -> None:
    products = pictures.codes(PRODUCT)
    counts = {
        "to learn from": made.training,
        "for validation": made.validation,
        "held out": made.held_out,
    }
    for what, part in counts.items():
        found = len(np.unique(products[part[askers[part]]]))
        if found < _FEWEST:
            there = len(np.unique(products[askers]))
            raise DataInvalid(
                f"{pictures.source}: of {there} products with several pictures, {found} are "
                f"{what}, and {_FEWEST} are the least. Give more products, or another share of "
                "them (data.validation, data.held_out), or a finer column to split by."
            )
