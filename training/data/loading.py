"""Batches of changed pictures, made in threads while the network is busy with earlier ones."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.data.augmentation import Augmentation
from training.data.pixels import Pixels

_BATCHES_AHEAD = 3

PixelBatch = NDArray[np.uint8]
"""(pictures, side, side, 3), RGB."""


class Loader:
    """Makes batches of the pictures of one training; use it with `with`, which ends its threads.

    `places`: int64 (pictures,), the row in `pixels` of each picture of the training.
    """

    def __init__(
        self,
        pixels: Pixels,
        places: NDArray[np.int64],
        augmentation: Augmentation,
        *,
        threads: int,
    ) -> None:
        self._pixels = pixels
        self._places = places
        self._augmentation = augmentation
        self._pool = ThreadPoolExecutor(threads, "augment")

    def batches(
        self, plan: Sequence[Sequence[int]], *, epoch: int, first: int = 0
    ) -> Iterator[PixelBatch]:
        """Of an epoch's plan, the places of the training's pictures in each of its batches; those
        before `first` are passed over, and the others are as if they had not been."""
        starts = np.concatenate([[0], np.cumsum([len(batch) for batch in plan])]).tolist()
        ahead: deque[list[Future[NDArray[np.uint8]]]] = deque()
        try:
            for number in range(first, len(plan)):
                ahead.append(
                    [
                        self._pool.submit(self._picture, place, epoch, starts[number] + within)
                        for within, place in enumerate(plan[number])
                    ]
                )
                if len(ahead) > _BATCHES_AHEAD:
                    yield _ready(ahead.popleft())
            while ahead:
                yield _ready(ahead.popleft())
        finally:
            for batch in ahead:
                for each in batch:
                    each.cancel()

    def _picture(self, place: int, epoch: int, draw: int) -> NDArray[np.uint8]:
        row = self._places[place]
        return self._augmentation(np.array(self._pixels.table[row]), epoch=epoch, draw=draw)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


def _ready(batch: list[Future[NDArray[np.uint8]]]) -> PixelBatch:
    return np.stack([each.result() for each in batch])
