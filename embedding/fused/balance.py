"""The balance of a fused model's parts, changed by scaling the query alone.

A stored vector is v = (sqrt(w_1) v_1, ...), its parts v_i of unit length, the weights w_i adding up
to 1. A query made alike has q . v = sum w_i q_i . v_i, the weighted mean of the parts' cosines.
With every part of the query multiplied by b_i / w_i the same vectors answer

    q' . v  =  sum (b_i / w_i) sqrt(w_i) sqrt(w_i) q_i . v_i  =  sum b_i q_i . v_i

which is the mean under other weights b_i, exactly. Nothing is embedded again, and no second index
is needed. docs/decisions/fusion.md says what rounding does to it.
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.errors import WeightsInvalid
from embedding.fused.weights import parsed_weights

Floats = NDArray[np.float32]


class Balance:
    """How much each part of a model counts in a search; immutable.

    `given`: as it was asked for, None for the weights the vectors were made with. `weights`: part
    -> share, in the order of the vector, adding up to 1; empty for a model that is not fused.
    `shift`: 1 + the chi-squared distance from the stored weights, sum b_i^2 / w_i; 1 for these.
    """

    def __init__(self, card: ModelCard, given: Mapping[str, float] | None = None) -> None:
        """A part that `given` does not name counts nothing. Raises WeightsInvalid."""
        self.given = given
        self.weights: Mapping[str, float] = card.weights
        self.shift = 1.0
        self._factors: Floats | None = None
        if given is None:
            return
        shares = parsed_weights(given)
        _check_names(shares, card)
        self.weights = {part.name: shares.get(part.name, 0.0) for part in card.parts}
        self.shift = sum(self.weights[part.name] ** 2 / part.weight for part in card.parts)
        # An index takes queries of unit length: the length is divided out here, and multiplied
        # back into its answers.
        self._factors = np.empty(card.dimension, dtype=np.float32)
        for part in card.parts:
            factor = self.weights[part.name] / part.weight / sqrt(self.shift)
            self._factors[part.start : part.stop] = factor

    def queries(self, vectors: Floats) -> Floats:
        """Vectors of the model (n, dimension) -> unit vectors to search with."""
        return vectors if self._factors is None else vectors * self._factors

    def cosines(self, similarities: Floats) -> Floats:
        """Inner products with such queries -> weighted means of the parts' cosines."""
        return (
            similarities if self._factors is None else similarities * np.float32(sqrt(self.shift))
        )


def fits(weights: Mapping[str, float], card: ModelCard) -> bool:
    """Whether the model has all of these parts."""
    return bool(weights) and weights.keys() <= card.weights.keys()


def _check_names(weights: Mapping[str, float], card: ModelCard) -> None:
    if not card.parts:
        raise WeightsInvalid(
            f"The model {card.name!r} has no parts to weigh. Leave the weights out, or search a "
            "collection that is on a fused model (`likeness models fuse`)."
        )
    unknown = [name for name in weights if name not in card.weights]
    if unknown:
        raise WeightsInvalid(
            f"The model {card.name!r} has no part {unknown[0][:80]!r}; its parts are "
            f"{', '.join(card.weights)}."
        )
