"""From nearest pictures to best products: one hit a product, with its best picture."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.points import PointMatch

Nearest = Callable[[int], tuple[NDArray[np.int64], NDArray[np.float32]]]
"""count -> ids (m,), similarities (m,), the best first; shorter answers begin longer ones."""


@dataclass(frozen=True)
class Candidate:
    """A product's best picture: row id of the product, id of the image, cosine to the query.

    `is_nearest`: whether no other product of the answer is more similar. `points`: how its picture
    matches the query's point by point, where that was looked at.
    """

    product_id: int
    image_id: int
    cosine: float
    is_nearest: bool = False
    points: PointMatch | None = None


class ProductsOfImages:
    """image id -> row id of its product, remembered up to `most` images; thread-safe.

    `ask` finds those of the images that still exist; it is only called for what is not known.

    An image never changes its product and its id is never used again, so what is remembered can
    only be of an image that has been deleted since: whoever finds that out says so to `forget`.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: dict[int, int] = {}

    def get(
        self, image_ids: Sequence[int], ask: Callable[[Sequence[int]], Mapping[int, int]]
    ) -> Mapping[int, int]:
        """Of those images that exist, or did when they were last asked for."""
        known = self._known
        found = {each: known[each] for each in image_ids if each in known}
        if len(found) < len(image_ids):
            fresh = ask([each for each in image_ids if each not in found])
            if len(known) + len(fresh) > self._most:
                # A new one, so that a thread that reads the old one is left in peace.
                self._known = known = {}
            known.update(fresh)
            found.update(fresh)
        return found

    def forget(self, image_ids: Collection[int]) -> None:
        for image_id in image_ids:
            self._known.pop(image_id, None)


def best_of_products(
    nearest: Nearest,
    product_ids: Callable[[Sequence[int]], Mapping[int, int]],
    *,
    wanted: int,
    available: int,
    min_cosine: float,
    excluded: Collection[int] = (),
) -> list[Candidate]:
    """The first `wanted` products by their best picture; fewer only when there are no more.

    Asks for more pictures until enough products are met: several of the nearest may show the same
    one. `product_ids` maps image ids to products and leaves out images deleted meanwhile;
    `available` is how many pictures there are; products in `excluded` are passed over. Products
    are in the order of their best picture, so a longer answer begins with the shorter one.
    """
    count = min(available, 2 * (wanted + len(excluded)) + 8)
    product_of: dict[int, int] = {}
    while count > 0:
        ids, cosines = nearest(count)
        met = ids[(ids >= 0) & (cosines >= min_cosine)].tolist()
        product_of.update(product_ids([each for each in met if each not in product_of]))
        found: dict[int, Candidate] = {}
        for image_id, cosine in zip(met, cosines.tolist(), strict=False):
            product_id = product_of.get(image_id)
            if product_id is not None and product_id not in excluded:
                found.setdefault(
                    product_id, Candidate(product_id, image_id, cosine, is_nearest=not found)
                )
        if len(found) >= wanted or len(met) < count or count >= available:
            return list(found.values())[:wanted]
        count = min(available, 4 * count)
    return []
