"""What a convolutional network sees at each place of a picture, before it averages over places."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.errors import ModelError
from embedding.lean_openvino import ov
from embedding.runtime import from_pixels, read_network

_AT_ONCE = 8


class FeatureMaps:
    """An installed network, cut off before its last step: the mean over the places of a picture.

    The mean of its maps is the vector that the whole network gives, before that gets unit length;
    so a map says where in the picture each number comes from, and any linear map of the vector
    can be asked of each place.
    """

    def __init__(self, folder: Path, card: ModelCard, *, threads: int = 0) -> None:
        """`folder` holds the network that `card` is of. `threads` 0: all processors.

        Raises ModelError where the network does not end in a mean over places, ModelBroken.
        """
        self._card = card
        network = _cut(read_network(folder / card.serving_files[0], card), card)
        steps = from_pixels(network, card)
        steps.output().model().set_layout(ov.Layout("NCHW"))
        steps.output().tensor().set_layout(ov.Layout("NHWC"))
        ready = steps.build()
        ready.reshape([_AT_ONCE, card.input_size, card.input_size, 3])
        options = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
        if threads > 0:
            options["INFERENCE_NUM_THREADS"] = str(threads)
        compiled = ov.Core().compile_model(ready, "CPU", options)
        _, self.height, self.width, self.channels = compiled.output().shape
        self._queue = ov.AsyncInferQueue(compiled)
        self._queue.set_callback(_keep)

    def __call__(self, pixels: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Squares uint8 (input_size, input_size, 3) -> float32 (n, height, width, channels)."""
        whole = np.stack(pixels)
        missing = -len(whole) % _AT_ONCE
        padded = np.concatenate([whole, np.repeat(whole[:1], missing, axis=0)])
        found = np.empty((len(padded), self.height, self.width, self.channels), dtype=np.float32)
        for start in range(0, len(padded), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            self._queue.start_async({0: padded[some]}, found[some])
        self._queue.wait_all()
        return found[: len(whole)]


def _keep(request: ov.InferRequest, into: NDArray[np.float32]) -> None:
    into[:] = request.get_output_tensor().data


def _cut(network: ov.Model, card: ModelCard) -> ov.Model:
    """The same network, ending in what its last mean over places is of: (1, channels, h, w)."""
    for operation in reversed(network.get_ordered_ops()):
        if operation.get_type_name() not in ("ReduceMean", "AvgPool"):
            continue
        before = operation.input_value(0)
        shape = before.partial_shape
        if len(shape) == 4 and shape[1] == card.dimension:
            return ov.Model([before], network.get_parameters(), "feature maps")
    raise ModelError(
        f"{card.name!r} does not end in a mean over the places of a picture, so it has no feature "
        f"maps to learn from. Choose a convolutional network with average pooling."
    )
