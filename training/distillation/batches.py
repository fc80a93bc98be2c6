"""Batches of views and targets, read from disk while the network is busy with the ones before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.distillation.bank import Bank
from training.errors import SettingsInvalid


@dataclass(frozen=True)
class ViewBatch:
    """`pixels` uint8 (n, side, side, 3); `targets` float16 (n, height, width, dimension)."""

    pixels: NDArray[np.uint8]
    targets: NDArray[np.float16]


class ViewBatches:
    """Every view once an epoch, in an order that seed and epoch decide; half of them mirrored, and
    their targets with them. What is left over at the end of an epoch is not shown."""

    def __init__(self, bank: Bank, size: int, seed: int) -> None:
        """Raises SettingsInvalid where the views do not fill a batch."""
        if bank.count < size:
            raise SettingsInvalid(
                f"batch is {size}, and there are {bank.count} views to learn from. Choose a "
                "smaller one, more views.cuts, or more pictures."
            )
        self._bank = bank
        self._size = size
        self._seed = seed

    def __len__(self) -> int:
        """Batches in an epoch."""
        return self._bank.count // self._size

    def of_epoch(self, epoch: int, *, first: int) -> Iterator[ViewBatch]:
        """From batch `first` on."""
        random = np.random.default_rng([self._seed, epoch])
        order = random.permutation(self._bank.count)
        mirrored = random.random(self._bank.count) < 0.5
        starts = [number * self._size for number in range(first, len(self))]
        if not starts:
            return
        with ThreadPoolExecutor(1, "read") as pool:
            ahead = [
                pool.submit(self._read, order[start : start + self._size], mirrored)
                for start in starts[:1]
            ]
            for start in [*starts[1:], None]:
                ready = ahead.pop()
                if start is not None:
                    ahead.append(
                        pool.submit(self._read, order[start : start + self._size], mirrored)
                    )
                yield ready.result()

    def _read(self, numbers: NDArray[np.int64], mirrored: NDArray[np.bool_]) -> ViewBatch:
        pixels, targets = self._bank.views[numbers], self._bank.targets[numbers]
        flipped = mirrored[numbers]
        pixels[flipped] = pixels[flipped][:, :, ::-1]
        targets[flipped] = targets[flipped][:, :, ::-1]
        return ViewBatch(pixels, targets)
