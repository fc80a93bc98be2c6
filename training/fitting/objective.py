"""What a batch is judged by: a loss over labels, over what a miner chose, and over a teacher."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.fitting.validation import Vectors
from training.losses.multi_task import MultiTaskLoss
from training.mining.curriculum import CurriculumPairMiner
from training.mining.noisy_positives import NoisyPositivesDropped


@dataclass(frozen=True)
class Judged:
    """The loss, a scalar; `mined`: pairs or triplets that it saw, None where it saw all; `dropped`:
    positives of the batch that were left out as noise, None where nobody looked."""

    loss: Tensor
    mined: int | None
    dropped: int | None


@dataclass(frozen=True)
class Teaching:
    """`vectors`: the teacher's, of the training's pictures; `loss(embeddings, teacher)` is the
    `share` of the whole."""

    vectors: Vectors
    loss: nn.Module
    share: float


class Objective:
    """Of unit vectors (n, d), labels (n,), logits (n, classes) where there are, and the places (n,)
    of the pictures in the training."""

    def __init__(
        self, loss: nn.Module, miner: nn.Module | None, teaching: Teaching | None = None
    ) -> None:
        self.loss = loss
        self._miner = miner
        self._teaching = teaching
        self._noise = miner if isinstance(miner, NoisyPositivesDropped) else None
        inner = miner if self._noise is None else self._noise.miner
        self._curriculum = inner if isinstance(inner, CurriculumPairMiner) else None

    def advance(self, progress: float) -> None:
        """Pairs become harder as training goes on, from 0 to 1."""
        if self._curriculum is not None:
            self._curriculum.advance(progress)

    def __call__(
        self, embeddings: Tensor, labels: Tensor, logits: Tensor | None, places: list[int]
    ) -> Judged:
        mined = None if self._miner is None else self._miner(embeddings, labels)
        if isinstance(self.loss, MultiTaskLoss):
            loss = self.loss(embeddings, labels, logits, mined)
        else:
            loss = self.loss(embeddings, labels, mined)
        if self._teaching is not None:
            told = torch.from_numpy(self._teaching.vectors[places]).to(embeddings.device)
            share = self._teaching.share
            loss = (1.0 - share) * loss + share * self._teaching.loss(embeddings, told)
        return Judged(
            loss,
            None if mined is None else _count(mined),
            None if self._noise is None else self._noise.dropped.last,
        )


def _count(mined: tuple[Tensor, ...]) -> int:
    """Of triplets (anchors, positives, negatives), or of pairs (anchors, positives, anchors,
    negatives)."""
    return len(mined[0]) + (len(mined[2]) if len(mined) == 4 else 0)
