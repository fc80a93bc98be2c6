"""Triplets worth learning from: neither too easy nor, at first, too hard."""

from pytorch_metric_learning import miners
from pytorch_metric_learning.distances import LpDistance


class SemiHardMiner(miners.TripletMarginMiner):  # type: ignore[misc]
    """All triplets with D(a, p) < D(a, n) <= D(a, p) + gap (Schroff, Kalenichenko & Philbin 2015,
    "FaceNet", section 3.2): right already, but not by enough.

    D is Euclidean between unit vectors. Called with embeddings (n, d) and labels int64 (n,); gives
    the positions (anchors, positives, negatives).
    """

    def __init__(self, gap: float) -> None:
        super().__init__(
            margin=gap,
            type_of_triplets="semihard",
            distance=LpDistance(normalize_embeddings=True, p=2, power=1),
        )


class HardMiner(miners.BatchHardMiner):  # type: ignore[misc]
    """For each picture its farthest positive and its closest negative in the batch (Hermans,
    Beyer & Leibe 2017, "In Defense of the Triplet Loss for Person Re-Identification", eq. 5).

    Wrong labels are the hardest: see NoisyPositivesDropped. Called as SemiHardMiner.
    """

    def __init__(self) -> None:
        super().__init__(distance=LpDistance(normalize_embeddings=True, p=2, power=1))
