"""Batches of whole judgements."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


class JudgementBatches(Sampler[list[int]]):  # type: ignore[misc]
    """Yields lists of picture numbers: query, closer and farther of at most
    `judgements_per_batch` judgements, each picture once.

    An epoch shows every judgement once. The order depends on `seed` and epoch alone.
    """

    def __init__(self, judgements: NDArray[np.int64], judgements_per_batch: int, seed: int) -> None:
        """`judgements` int64 (m, 3): picture numbers (query, closer, farther). Raises ValueError
        without any, or unless a batch is to hold at least one."""
        if not len(judgements) or judgements_per_batch < 1:
            raise ValueError("there is no judgement to draw, or a batch is to hold none")
        self._judgements = judgements
        self._judgements_per_batch = judgements_per_batch
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Which epoch the next iteration draws, from 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        return math.ceil(len(self._judgements) / self._judgements_per_batch)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng((self._seed, self._epoch))
        order = random.permutation(len(self._judgements))
        for chosen in np.array_split(order, len(self)):
            # Each once, in the order of the judgements: dict keeps it.
            yield list(dict.fromkeys(self._judgements[chosen].ravel().tolist()))
