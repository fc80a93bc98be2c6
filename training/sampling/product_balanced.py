"""Batches of P products with K pictures each."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


class ProductBalancedBatches(Sampler[list[int]]):  # type: ignore[misc]
    """Yields lists of picture numbers: in each batch at most `products_per_batch` products, with
    `pictures_per_product` pictures each, those of a product side by side (the PK sampling of
    Hermans, Beyer & Leibe 2017, section 2).

    An epoch shows every product once, in batches whose numbers of products differ by one at most,
    so that none is left with a single product and nothing to tell it from. A product with more
    pictures shows other ones each epoch; one with fewer shows each of its own as evenly often as
    it can be. The order depends on `seed` and epoch alone.
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        products_per_batch: int,
        pictures_per_product: int,
        seed: int,
    ) -> None:
        """`labels` int64 (n,): the product of each picture. Raises ValueError without labels, or
        unless there are to be at least 2 products and 1 picture."""
        if not len(labels):
            raise ValueError("there is no picture to draw")
        if products_per_batch < 2 or pictures_per_product < 1:
            raise ValueError(
                f"a batch of {products_per_batch} products with {pictures_per_product} pictures "
                f"has nothing to tell apart; it needs at least 2 products and 1 picture"
            )
        order = np.argsort(labels, kind="stable")
        _, starts = np.unique(labels[order], return_index=True)
        self._pictures = np.split(order, starts[1:])
        self._products_per_batch = products_per_batch
        self._pictures_per_product = pictures_per_product
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Which epoch the next iteration draws, from 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        return math.ceil(len(self._pictures) / self._products_per_batch)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng((self._seed, self._epoch))
        for products in np.array_split(random.permutation(len(self._pictures)), len(self)):
            yield [int(picture) for product in products for picture in self._draw(product, random)]

    def _draw(self, product: int, random: np.random.Generator) -> NDArray[np.int64]:
        pictures = self._pictures[product]
        rounds = math.ceil(self._pictures_per_product / len(pictures))
        drawn = np.concatenate([random.permutation(pictures) for _ in range(rounds)])
        return drawn[: self._pictures_per_product]
