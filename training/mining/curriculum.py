"""Easy pairs first, hard ones later."""

import torch
from pytorch_metric_learning import miners
from pytorch_metric_learning.distances import LpDistance
from torch import Tensor


class CurriculumPairMiner(miners.BaseMiner):  # type: ignore[misc]
    """Online pair mining on a curriculum (SimNet: Appalaraju & Chaoji 2017, "Image similarity
    using Deep CNN and Curriculum Learning").

    The positives of each picture are put in order, nearest first, and its negatives, farthest
    first: from easy to hard as the network now sees them. Of each a run of `share` of them, at
    least one, is kept, which begins with the easiest at progress 0 and ends with the hardest at
    progress 1. Called with embeddings (n, d) and labels int64 (n,); gives the positions
    (anchors, positives, anchors, negatives).
    """

    def __init__(self, share: float) -> None:
        """Raises ValueError unless 0 < share <= 1."""
        super().__init__(distance=LpDistance(normalize_embeddings=True, p=2, power=1))
        if not 0.0 < share <= 1.0:
            raise ValueError(f"share is {share}; it must be above 0 and at most 1")
        self.share = share
        self.progress = 0.0

    def advance(self, progress: float) -> None:
        """How much of the training is done, 0 to 1. Raises ValueError outside."""
        if not 0.0 <= progress <= 1.0:
            raise ValueError(f"progress is {progress}; it must be between 0 and 1")
        self.progress = progress

    def mine(
        self, embeddings: Tensor, labels: Tensor, ref_emb: Tensor, ref_labels: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        distances = self.distance(embeddings, ref_emb)
        same = labels[:, None] == ref_labels[None, :]
        itself = torch.zeros_like(same)
        if ref_emb is embeddings:
            itself.fill_diagonal_(True)
        positives = self._run(distances, same & ~itself)
        negatives = self._run(-distances, ~same)
        return (*positives, *negatives)

    def _run(self, difficulty: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
        """The kept run of each row's candidates, as (rows, columns)."""
        ranks = (
            difficulty.masked_fill(~candidates, torch.inf)
            .argsort(dim=1, stable=True)
            .argsort(dim=1)
        )
        counts = candidates.sum(dim=1, keepdim=True)
        kept = (counts * self.share).round().clamp(min=1)
        first = ((counts - kept) * self.progress).round()
        rows, columns = torch.where(candidates & (ranks >= first) & (ranks < first + kept))
        return rows, columns
