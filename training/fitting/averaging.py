"""The moving average of a network's weights: quieter than any single step, and what is exported."""

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """w <- w + (1 - d) (new - w) after each step (Polyak & Juditsky 1992, exponential form), with
    d = min(decay, (1 + n) / (10 + n)) after n steps, so that where training began is soon
    forgotten. Buffers, such as the statistics of batch normalisation, are averaged alike.
    """

    def step(average: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        steps = int(count)
        return average + (current - average) * (1.0 - min(decay, (1 + steps) / (10 + steps)))

    return AveragedModel(network, avg_fn=step, use_buffers=True)
