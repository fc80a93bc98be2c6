"""Pull what is alike together, push what is not apart, up to a margin."""

from pytorch_metric_learning import losses
from pytorch_metric_learning.distances import LpDistance
from torch import Tensor


class ContrastiveLoss(losses.ContrastiveLoss):  # type: ignore[misc]
    """L = (1-Y)/2 D^2 + Y/2 max(0, m - D)^2, Y = 1 for two different products (S1; Hadsell,
    Chopra & LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping", eq. 4).

    D is Euclidean between unit vectors, so 0 to 2. Over a batch: the mean over pairs of one
    product plus the mean over pairs of different ones, both over the pairs that cost anything,
    because most of the latter soon do not and would hide those that do.

    Called with embeddings (n, d), labels int64 (n,) and mined indices or None for all pairs;
    gives a scalar.
    """

    def __init__(self, margin: float) -> None:
        super().__init__(
            neg_margin=margin, distance=LpDistance(normalize_embeddings=True, p=2, power=1)
        )

    def pos_calc(self, pos_pair_dist: Tensor, margin: float) -> Tensor:  # noqa: ARG002
        return pos_pair_dist.square() / 2

    def neg_calc(self, neg_pair_dist: Tensor, margin: float) -> Tensor:
        return (margin - neg_pair_dist).clamp(min=0.0).square() / 2
