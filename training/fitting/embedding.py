"""Vectors of many pictures by a network that is not learning meanwhile."""

from collections.abc import Callable

import numpy as np
import torch

from training.data.material import Part
from training.fitting.devices import Device
from training.fitting.validation import Vectors
from training.networks.embedding_network import EmbeddingNetwork

_AT_ONCE = 64


def embed(
    network: EmbeddingNetwork,
    part: Part,
    device: Device,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Vectors:
    """float32 (pictures, dimension), unit length, in fp32 arithmetic as in a search.

    The network is left in the mode it was in. `advance` is told how many more are done.
    """
    was_training = network.training
    network.eval()
    vectors = np.empty((len(part.rows), network.dimension), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(part.rows), _AT_ONCE):
            rows = part.rows[start : start + _AT_ONCE]
            pixels = np.array(part.pixels.table[rows])
            shown = device.normalised(pixels, network.mean, network.std)
            vectors[start : start + len(rows)] = network(shown).cpu().numpy()
            advance(len(rows))
    network.train(was_training)
    return vectors
