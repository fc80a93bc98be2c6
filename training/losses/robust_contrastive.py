"""Contrastive, deaf to pairs that are called alike and lie too far apart to be believed."""

from torch import Tensor

from training.losses.contrastive import ContrastiveLoss


class RobustContrastiveLoss(ContrastiveLoss):
    """L = (1-Y)/2 D^2 [D <= limit] + Y/2 max(0, m - D)^2 (S2, robust contrastive loss).

    A pair of one product farther apart than `limit` is mislabelled, or shows views too different
    to be learnt from without learning them by heart; it is dropped from the loss, and from the
    mean. All else is as in ContrastiveLoss. S2's condition is on D, Euclidean, 0 to 2.
    """

    def __init__(self, margin: float, limit: float) -> None:
        super().__init__(margin)
        self.limit = limit

    def pos_calc(self, pos_pair_dist: Tensor, margin: float) -> Tensor:
        # Zero costs and pulls nothing, and a mean over what costs anything leaves it out.
        believed = pos_pair_dist.detach() <= self.limit
        return super().pos_calc(pos_pair_dist, margin) * believed
