"""All pairs of a picture at once, each weighted by how much it stands out."""

from pytorch_metric_learning import losses


class MultiSimilarityLoss(losses.MultiSimilarityLoss):  # type: ignore[misc]
    """L = mean over pictures i of 1/alpha log(1 + sum_p exp(-alpha (S_ip - base)))
    + 1/beta log(1 + sum_n exp(beta (S_in - base)))
    (Wang et al. 2019, "Multi-Similarity Loss with General Pair Weighting", eq. 15).

    S is the cosine; p runs over the other pictures of i's product, n over those of others, both
    within the mined indices if there are any. Called with embeddings (n, d) and labels int64 (n,);
    gives a scalar.
    """

    def __init__(self, alpha: float, beta: float, base: float) -> None:
        super().__init__(alpha=alpha, beta=beta, base=base)
