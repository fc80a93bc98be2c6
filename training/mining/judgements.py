"""Triplets that people judged: this one is closer to the query than that one (S1)."""

from collections import defaultdict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class JudgementTriplets:
    """(query, closer, farther) as pictures of a data set -> triplets as positions in a batch.

    S1's labellers only say which of two pictures is closer, which they do consistently, where yes
    and no are a matter of taste. The triplets take the place of mined ones; labels play no part.
    """

    def __init__(self, judgements: NDArray[np.int64]) -> None:
        """`judgements` int64 (m, 3): the numbers of the pictures. Raises ValueError for another
        shape."""
        if judgements.ndim != 2 or judgements.shape[1] != 3:
            raise ValueError(f"judgements have the shape {judgements.shape}, not (m, 3)")
        self._of_query: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for query, closer, farther in judgements.tolist():
            self._of_query[query].append((closer, farther))

    def __call__(self, batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The numbers of a batch's pictures, int64 (n,) -> positions (queries, closer, farther) of
        the judgements that lie wholly within it, on its device.

        A picture that is in the batch twice is taken where it stands first.
        """
        positions: dict[int, int] = {}
        for position, picture in enumerate(batch.tolist()):
            positions.setdefault(picture, position)
        triplets = [
            (positions[query], positions[closer], positions[farther])
            for query in positions
            for closer, farther in self._of_query.get(query, ())
            if closer in positions and farther in positions
        ]
        found = torch.tensor(triplets, dtype=torch.int64, device=batch.device).reshape(-1, 3)
        queries, closer_ones, farther_ones = found.unbind(dim=1)
        return queries, closer_ones, farther_ones
