"""Each product has a learnt proxy, and pictures are compared with proxies instead of pictures.

Both losses have parameters of their own, which the optimiser must be given.
"""

from pytorch_metric_learning import losses


class ProxyAnchorLoss(losses.ProxyAnchorLoss):  # type: ignore[misc]
    """L = 1/|P+| sum_{p in P+} log(1 + sum_{x of p} exp(-alpha (s(x, p) - margin)))
    + 1/|P| sum_{p in P} log(1 + sum_{x not of p} exp(alpha (s(x, p) + margin)))
    (Kim et al. 2020, "Proxy Anchor Loss for Deep Metric Learning", eq. 4).

    P are the proxies of all `classes`, P+ those with a picture in the batch, s the cosine. Called
    with embeddings (n, dimension) and labels int64 (n,), from 0 up to classes - 1; a scalar.
    """

    def __init__(self, classes: int, dimension: int, *, margin: float, alpha: float) -> None:
        super().__init__(num_classes=classes, embedding_size=dimension, margin=margin, alpha=alpha)


class NormalisedSoftmaxLoss(losses.NormalizedSoftmaxLoss):  # type: ignore[misc]
    """L = mean over pictures x of -log(exp(x . w_y / t) / sum_c exp(x . w_c / t))
    (Zhai & Wu 2019, "Classification is a Strong Baseline for Deep Metric Learning", section 3).

    w are the proxies, of unit length as x; t is the `temperature`, y the product of x. Called with
    embeddings (n, dimension) and labels int64 (n,), from 0 up to classes - 1; a scalar.
    """

    def __init__(self, classes: int, dimension: int, *, temperature: float) -> None:
        super().__init__(num_classes=classes, embedding_size=dimension, temperature=temperature)
