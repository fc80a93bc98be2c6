"""Fits an int8 network to real pictures: everything quantised at first, then ever more layers kept
in floating point, until its neighbours are those of fp32 or nothing more would be gained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.agreement import neighbour_recall
from embedding.float_layers import measure_layers, to_keep, vectors_of
from embedding.lean_openvino import ov
from embedding.quantising import quantise

# Ranges from 100 pictures serve as well as from 300 (mean cosine 0.9869 and 0.9872).
_RANGED_ON = 100
# Layers differ in their errors a hundredfold; a few pictures tell them apart.
_RANKED_ON = 12
_MOST_TRIES = 4
# Part of the loss of recall that pictures not fitted to would allow: those fitted to flatter.
_MARGIN = 2 / 3


@dataclass(frozen=True)
class Fitted:
    """An int8 network and the names of its layers that stayed in floating point, sorted."""

    network: ov.Model
    float_layers: tuple[str, ...]


def fit_int8(
    fp32: ov.Model, inputs: Sequence[NDArray[np.float32]], *, least: float | None
) -> Fitted:
    """The int8 network of `fp32` with the longest run of int8 layers found to reach `least`
    recall@10 of the fp32 neighbours among `inputs`; the last one tried when none does. None asks
    for no agreement: every layer that can be is quantised.

    `inputs` are those of `fp32` for real pictures, each float32 (1, 3, size, size).
    """
    everything = network = quantise(fp32, inputs[:_RANGED_ON])
    kept: list[str] = []
    if least is None:
        return Fitted(everything, ())
    reference = vectors_of(fp32, inputs)
    loss_allowed = _MARGIN * (1.0 - least)
    part_left = 1.0
    layers = None
    for _ in range(_MOST_TRIES):
        loss = 1.0 - neighbour_recall(reference, vectors_of(network, inputs))
        if loss <= loss_allowed:
            break
        layers = layers or measure_layers(fp32, everything, inputs[:_RANKED_ON])
        # Recall falls with the angle between the vectors, which is as the root of 1 - cosine.
        part_left *= min(0.8, (loss_allowed / loss) ** 2)
        kept = to_keep(layers, part_left * sum(layer.error for layer in layers))
        network = quantise(fp32, inputs[:_RANGED_ON], float_layers=kept)
    return Fitted(network, tuple(sorted(kept)))
