"""A query lies closer to its own product than to another, by a gap."""

from pytorch_metric_learning import losses
from pytorch_metric_learning.distances import LpDistance


class TripletLoss(losses.TripletMarginLoss):  # type: ignore[misc]
    """L = max(0, g + D(q, p) - D(q, n)) (S1's hinge loss; Schroff, Kalenichenko & Philbin 2015,
    "FaceNet", section 3.1, there of squared distances).

    D is Euclidean between unit vectors, 0 to 2; `gap` is g. The mean is over the triplets that
    cost anything. Called with embeddings (n, d), labels int64 (n,) and triplets (queries,
    positives, negatives), mined or judged, or None for all triplets of the batch; gives a scalar.
    """

    def __init__(self, gap: float) -> None:
        super().__init__(margin=gap, distance=LpDistance(normalize_embeddings=True, p=2, power=1))
