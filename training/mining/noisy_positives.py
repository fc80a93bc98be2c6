"""Pictures that a catalogue files under one product by mistake."""

import logging
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_log = logging.getLogger(__name__)

_MAD_TO_DEVIATION = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


@dataclass(frozen=True)
class Dropped:
    """Pairs of one product that were not learnt from, each pair counted once.

    last: of the last batch
    total: of all batches
    """

    last: int = 0
    total: int = 0


class NoisyPositivesDropped(nn.Module):  # type: ignore[misc]
    """Another miner's indices without the positives too far apart to be believed.

    The bound is median + `deviations` * 1.4826 * median absolute deviation, over the distances of
    all pairs of one product in the batch: it moves with the network as it learns, and wrong pairs
    hardly move it as long as they are fewer than half. (S2's robust loss has a fixed limit
    instead.) Of triplets, those with such a positive go; of pairs, the positive ones.

    `miner` is None for all pairs. `dropped` counts; a line at debug level tells of each batch.
    """

    def __init__(self, miner: nn.Module | None, deviations: float) -> None:
        super().__init__()
        self.miner = miner
        self.deviations = deviations
        self.dropped = Dropped()

    def forward(self, embeddings: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
        """Embeddings (n, d) and labels int64 (n,) -> positions, 3 or 4 tensors as the miner's."""
        with torch.no_grad():
            vectors = nn.functional.normalize(embeddings.float(), dim=1)
            distances = torch.cdist(vectors, vectors)
            same = (labels[:, None] == labels[None, :]).fill_diagonal_(False)
            noisy = same & (distances > self._bound(distances[same]))
        count = int(noisy.triu().sum())
        self.dropped = Dropped(last=count, total=self.dropped.total + count)
        if count:
            _log.debug("dropped %d pairs of one product as too far apart", count)
        if self.miner is None:
            return (*torch.where(same & ~noisy), *torch.where(labels[:, None] != labels[None, :]))
        anchors, positives, *negatives = self.miner(embeddings, labels)
        believed = ~noisy[anchors, positives]
        if len(negatives) == 1:  # triplets
            return anchors[believed], positives[believed], negatives[0][believed]
        return (anchors[believed], positives[believed], *negatives)

    def _bound(self, distances: Tensor) -> Tensor:
        if not len(distances):
            return torch.tensor(torch.inf)
        median = distances.median()
        deviation = _MAD_TO_DEVIATION * (distances - median).abs().median()
        return median + self.deviations * deviation
