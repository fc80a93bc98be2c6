"""Scored examples of matches and of others, each with its say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Similarities whose truth is known, in no order; all arrays (samples,).

    `similarities`: 0 to 1. `matches`: what is true. `weights`: how much each counts, above 0; those
    of every product add up to the same, for the number of pairs grows with the square of a
    product's pictures, and a few products with many would speak for all. `products`: the product
    asked with, equal where it is the same: what is drawn, and kept apart, together.
    """

    similarities: Floats
    matches: NDArray[np.bool_]
    weights: Floats
    products: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Samples":
        return Samples(
            self.similarities[chosen],
            self.matches[chosen],
            self.weights[chosen],
            self.products[chosen],
        )

    @property
    def product_count(self) -> int:
        return len(np.unique(self.products))

    def smoothed_targets(self) -> Floats:
        """(samples,): what a fit should aim at, close to 1 for matches and to 0 for others.

        Platt 1999, "Probabilistic outputs for support vector machines", section 2.2: with n matches
        seen, (n + 1) / (n + 2) is the best guess that the next is one, and likewise for others.
        """
        matches = int(self.matches.sum())
        high, low = (matches + 1.0) / (matches + 2.0), 1.0 / (len(self.matches) - matches + 2.0)
        return np.where(self.matches, high, low)

    def bounds(self) -> tuple[float, float]:
        """The least and the greatest probability that a map may claim.

        By the same guess, but of matches n counts products: the pictures of one product are hardly
        more than one piece of evidence. What does not match puts it beside many different ones.
        """
        of_matches = len(np.unique(self.products[self.matches]))
        return 1.0 / (int((~self.matches).sum()) + 2.0), (of_matches + 1.0) / (of_matches + 2.0)
