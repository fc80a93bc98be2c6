"""Which layers of an int8 network cost the most agreement, so that they can stay in floating point.

Each layer is quantised alone and the error of the vectors is measured. Errors of layers are small
and nearly independent, so those of several add up (mobilenet_edgetpu_100: the sum over its layers
is 1.2 times the error of all at once), and one number says how far a choice of layers will get.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.agreement import mean_cosine
from embedding.lean_openvino import ov
from embedding.runtime import unit_rows


@dataclass(frozen=True)
class Layer:
    """A layer that int8 computes: its name, the error it causes alone (1 - mean cosine), and the
    multiplications it takes, which stand for its time."""

    name: str
    error: float
    multiplications: int


def measure_layers(
    fp32: ov.Model, int8: ov.Model, inputs: Sequence[NDArray[np.float32]]
) -> list[Layer]:
    """Every layer that `int8`, made from `fp32`, computes in int8, in the order of computation.

    `inputs` are the network's own, float32 (1, 3, size, size).
    """
    reference = vectors_of(fp32, inputs)
    original = _operations(fp32)
    layers = []
    for name in _quantised(int8, original):
        alone = only_quantised(int8, fp32, {name})
        error = max(0.0, 1.0 - mean_cosine(reference, vectors_of(alone, inputs)))
        layers.append(Layer(name, error, _multiplications(original[name])))
    return layers


def to_keep(layers: Sequence[Layer], error_left: float) -> list[str]:
    """The layers to keep in floating point so that the errors of the others add up to
    `error_left` at most: all outside the one run of neighbours with the most multiplications.

    One run, because at each border between precisions everything is converted and laid out anew.
    Keeping the layers with the greatest errors wherever they stood made mobilenet_v2 and
    mobilenetv1_100 slower than fp32 (0.94 times as fast).
    """
    best, most = (0, 0), 0
    start, error, work = 0, 0.0, 0
    for end, layer in enumerate(layers, start=1):
        error, work = error + layer.error, work + layer.multiplications
        while start < end and error > error_left:
            error, work = error - layers[start].error, work - layers[start].multiplications
            start += 1
        if work > most:
            best, most = (start, end), work
    return [layer.name for layer in (*layers[: best[0]], *layers[best[1] :])]


def only_quantised(int8: ov.Model, fp32: ov.Model, names: Collection[str]) -> ov.Model:
    """A copy of `int8` in which all layers but `names` have their fp32 inputs and weights back."""
    original = _operations(fp32)
    mixed = int8.clone()
    operations = _operations(mixed)
    for name in _quantised(mixed, original):
        if name in names:
            continue
        for port, source in enumerate(original[name].input_values()):
            restored = operations[name].input(port)
            if _is_constant(source.get_node()):
                restored.replace_source_output(source)
            else:
                restored.replace_source_output(_before_inserted(restored, original))
    return mixed


def _quantised(int8: ov.Model, original: dict[str, ov.Node]) -> list[str]:
    """Names of the operations that take an activation through a quantiser, in order."""
    return [
        operation.get_friendly_name()
        for operation in int8.get_ordered_ops()
        if operation.get_friendly_name() in original
        and any(
            value.get_node().get_type_name() == "FakeQuantize"
            and not _is_constant(value.get_node().input_value(0).get_node())
            for value in operation.input_values()
        )
        # Shapes do not change with precision.
        and operation.get_type_name() != "ShapeOf"
    ]


def _before_inserted(entry: ov.Input, original: dict[str, ov.Node]) -> ov.Output:
    """What flowed into an operation before quantisers, and scales for them, were inserted."""
    source = entry.get_source_output()
    while source.get_node().get_friendly_name() not in original:
        source = source.get_node().input_value(0)
    return source


def _operations(network: ov.Model) -> dict[str, ov.Node]:
    return {operation.get_friendly_name(): operation for operation in network.get_ordered_ops()}


def _is_constant(node: ov.Node) -> bool:
    """A constant, or computed of constants alone: weights, possibly transposed."""
    inputs = node.input_values()
    if not inputs:
        return bool(node.get_type_name() == "Constant")
    return all(_is_constant(value.get_node()) for value in inputs)


def _multiplications(operation: ov.Node) -> int:
    """Of one picture: each output of a product takes as many as its filter has weights."""
    outputs = int(np.prod(list(operation.output(0).shape)))
    kind = operation.get_type_name()
    if kind == "Convolution":  # weights: (outputs, inputs, height, width)
        return outputs * int(np.prod(list(operation.input_value(1).shape)[1:]))
    if kind == "GroupConvolution":  # weights: (groups, outputs, inputs, height, width)
        return outputs * int(np.prod(list(operation.input_value(1).shape)[2:]))
    if kind == "MatMul":
        return outputs * int(list(operation.input_value(0).shape)[-1])
    return outputs


def vectors_of(network: ov.Model, inputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Unit vectors of a network in memory, (len(inputs), dimension), computed as when it serves."""
    compiled = ov.Core().compile_model(
        network, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "THROUGHPUT"}
    )
    requests = ov.AsyncInferQueue(compiled)
    features: dict[int, NDArray[np.float32]] = {}
    requests.set_callback(
        lambda request, row: features.update({row: request.get_output_tensor().data[0].copy()})
    )
    for row, pixels in enumerate(inputs):
        requests.start_async([pixels], row)
    requests.wait_all()
    return unit_rows(np.stack([features[row] for row in range(len(inputs))]))
