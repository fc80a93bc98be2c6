"""How fast to learn, and how much of the training is over."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """`steps` in all, and `seconds` of wall time; None: no limit."""

    steps: int
    seconds: float | None

    def progress(self, steps: float, seconds: float) -> float:
        """0 at the beginning, 1 when the first of the two is spent."""
        by_time = 0.0 if self.seconds is None else seconds / self.seconds
        return min(1.0, max(steps / self.steps, by_time))


def rate(progress: float, warm_up: float) -> float:
    """The share of the highest learning rate: linear from 0 to 1 over the share `warm_up` of the
    training, then (1 + cos(pi t)) / 2 over the rest (Loshchilov & Hutter 2017, without restarts).
    """
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up) / (1.0 - warm_up)))
