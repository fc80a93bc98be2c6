"""Seen from the other product, two pictures of one lie under a small angle."""

from pytorch_metric_learning import losses


class AngularLoss(losses.AngularLoss):  # type: ignore[misc]
    """L = mean over pairs (a, p) of log(1 + sum_n exp(f(a, p, n))),
    f = 4 tan^2(alpha) (a + p) . n - 2 (1 + tan^2(alpha)) a . p
    (S3's angular loss: Wang et al. 2017, "Deep Metric Learning with Angular Loss", section 3.3).

    The angle at the negative bounds the triangle whatever its size, where a gap between distances
    depends on scale. `degrees` is alpha. Vectors have unit length; n runs over all pictures of
    other products in the batch, so of mined indices only the positive pairs count. Called with
    embeddings (n, d) and labels int64 (n,); gives a scalar.
    """

    def __init__(self, degrees: float) -> None:
        super().__init__(alpha=degrees)
