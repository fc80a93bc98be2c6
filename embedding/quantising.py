"""From a floating-point network to one in int8. The one module that imports NNCF.

Weights become int8, one scale a channel; activations become 8 bits wide, over the range that real
pictures were seen to fill.
"""

import logging
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.errors import QuantisingFailed
from embedding.lean_openvino import ov

# Read when NNCF is imported: without it, NNCF reports each use to its makers over the network.
os.environ["NNCF_CI"] = "1"
import nncf
from nncf.quantization.advanced_parameters import (
    AdvancedQuantizationParameters,
    OverflowFix,
)

# A processor without VNNI adds products of 8 bits in pairs in 16 bits, which overflows unless
# weights leave one bit free. Measured on mobilenet_edgetpu_100, cosine between the vectors of a
# processor with VNNI and one without: 0.90 with weights of 8 bits, 0.991 with NNCF's own choice
# (7 bits in the first layer alone), 1.000000 with 7 bits everywhere.
_FOR_EVERY_PROCESSOR = AdvancedQuantizationParameters(overflow_fix=OverflowFix.ENABLE)

# RuntimeError is what OpenVINO raises when it meets a network that it cannot run.
_NNCF_REFUSES = (
    nncf.UnsupportedModelError,
    nncf.ValidationError,
    nncf.InternalError,
    RuntimeError,
)
_OF_TRANSFORMERS = {"MVN", "Softmax", "ScaledDotProductAttention"}


def quantise(
    network: ov.Model,
    inputs: Sequence[NDArray[np.float32]],
    *,
    float_layers: Collection[str] = (),
) -> ov.Model:
    """A copy of `network` (`runtime.read_network`) that computes in int8 but for `float_layers`.

    `inputs` are what it takes for real pictures, each float32 (1, 3, size, size). Progress goes
    to stderr. Raises QuantisingFailed.
    """
    # Not `nncf.set_log_level`, which also changes handlers that others have put there.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    operations = {operation.get_type_name() for operation in network.get_ops()}
    try:
        with redirect_stdout(sys.stderr):
            return nncf.quantize(
                network.clone(),
                nncf.Dataset(inputs),
                subset_size=len(inputs),
                preset=nncf.QuantizationPreset.MIXED,
                model_type=nncf.ModelType.TRANSFORMER if operations & _OF_TRANSFORMERS else None,
                ignored_scope=nncf.IgnoredScope(names=sorted(float_layers)),
                advanced_parameters=_FOR_EVERY_PROCESSOR,
            )
    except _NNCF_REFUSES as error:
        raise QuantisingFailed(
            f"The network cannot be made int8 ({_in_a_line(error)}). It can "
            f"be added in floating point: --precision fp32."
        ) from error


def _in_a_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__


def scaled(pixels: NDArray[np.uint8], card: ModelCard) -> NDArray[np.float32]:
    """uint8 (size, size, 3) -> float32 (1, 3, size, size), as the compiled network does it."""
    scaled = (pixels / 255 - np.array(card.mean)) / np.array(card.std)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)
