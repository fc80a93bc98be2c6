"""Matching regularised by recognition."""

import torch.nn.functional as functional
from torch import Tensor, nn

IndicesTuple = tuple[Tensor, ...]


class MultiTaskLoss(nn.Module):  # type: ignore[misc]
    """L = matching(embeddings) + recognition_weight * cross-entropy(logits) (S2: matching of
    product pairs with softmax recognition).

    `matching` is any loss on embeddings. Recognising keeps the network from forgetting, for the
    sake of pairs, what sets one product apart from all others.
    """

    def __init__(self, matching: nn.Module, *, recognition_weight: float) -> None:
        super().__init__()
        self.matching = matching
        self.recognition_weight = recognition_weight

    def forward(
        self,
        embeddings: Tensor,
        labels: Tensor,
        logits: Tensor,
        indices_tuple: IndicesTuple | None = None,
    ) -> Tensor:
        """Unit vectors (n, d), int64 (n,), (n, classes), mined indices -> scalar."""
        matching: Tensor = self.matching(embeddings, labels, indices_tuple)
        return matching + self.recognition_weight * functional.cross_entropy(logits, labels)
