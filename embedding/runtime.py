"""A stored network, compiled for this machine's processor by OpenVINO."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.embedder import Hint, Network, Prepared
from embedding.errors import ModelBroken
from embedding.lean_openvino import ov
from embedding.preprocessing import prepare_pixels, shorter_side_needed

_log = logging.getLogger(__name__)

Running = deque[tuple[int, ov.InferRequest]]
"""Requests one caller has started, oldest first, each with the row its answer belongs to."""


class OnnxEmbedder(Network):
    """Embeds with the network that serves in a model's folder, prepared as its card says.

    Pictures run one by one through a network compiled for exactly one: measured within a tenth
    of the best batch size, it needs the least memory, and a vector cannot depend on its batch.
    Arithmetic is 32-bit on every machine, because 16-bit processors would give other vectors
    (cosine 0.9996) under the same fingerprint; only what a network itself says is int8 runs so.
    Raises ModelBroken when the network cannot be read or does not fit its card.
    """

    def __init__(
        self,
        model_folder: Path,
        card: ModelCard,
        *,
        cache_folder: Path | None,
        threads: int = 0,
        hint: Hint = "latency",
    ) -> None:
        """`cache_folder` keeps compiled networks for the next start, None keeps nothing;
        `threads` 0 means all processors."""
        self._card = card
        network_file = model_folder / card.serving_files[0]
        compiled = _compile(network_file, card, cache_folder, threads, hint)
        self._idle: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")):
            self._idle.put(compiled.create_infer_request())

    @property
    def card(self) -> ModelCard:
        return self._card

    @property
    def target_side(self) -> int:
        return shorter_side_needed(self._card)

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """One upright RGB picture -> uint8 (input_size, input_size, 3)."""
        return prepare_pixels(image, self._card)

    def embed_prepared(
        self, inputs: Sequence[Prepared], meanwhile: Callable[[], None] | None = None
    ) -> NDArray[np.float32]:
        """One or more inputs of `prepare` -> float32 (len(inputs), dimension), unit L2 norm. For
        `meanwhile` see `Network`.

        Raises ValueError when `inputs` is empty, ModelBroken when the network answers with
        something that is not a number.
        """
        if not inputs:
            raise ValueError("there is nothing to embed: inputs is empty")
        self._check(inputs)
        features = np.empty((len(inputs), self._card.dimension), dtype=np.float32)
        running: Running = deque()
        try:
            for row, pixels in enumerate(inputs):
                request = self._free_request(running, features)
                running.append((row, request))
                request.set_input_tensor(ov.Tensor(np.ascontiguousarray(pixels[np.newaxis])))
                request.start_async()
                if row == 0 and meanwhile is not None:
                    meanwhile()
            while running:
                self._idle.put(_finish_oldest(running, features))
        except RuntimeError as error:
            raise ModelBroken(
                f"The model {self._card.name!r} failed while embedding: {_first_line(error)} "
                f"Give the process more memory, or remove the model and add it again."
            ) from error
        finally:
            for _, request in running:
                with suppress(RuntimeError):  # the first failure is already on its way
                    request.wait()
                self._idle.put(request)
        if not np.isfinite(features).all():
            raise ModelBroken(
                f"The model {self._card.name!r} answered with values that are not numbers. "
                f"Its weights are damaged: remove it and add it again."
            )
        return unit_rows(features)

    def _check(self, inputs: Sequence[Prepared]) -> None:
        """Pictures prepared by another model are the calling program's mistake, not a user's."""
        side = self._card.input_size
        for row, pixels in enumerate(inputs):
            if pixels.shape != (side, side, 3) or pixels.dtype != np.uint8:
                raise ValueError(f"input {row} was not prepared for {self._card.name!r}")

    def _free_request(self, running: Running, features: NDArray[np.float32]) -> ov.InferRequest:
        """An idle request, else our own oldest one once it is finished, else wait for another
        caller's. Nobody waits for others while holding one, so callers cannot block each other."""
        try:
            return self._idle.get_nowait()
        except Empty:
            return _finish_oldest(running, features) if running else self._idle.get()


def unit_rows(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Finite rows -> rows of L2 norm 1, float32.

    A row of zeros has no direction and becomes the constant vector 1/sqrt(dimension): pictures
    without any feature then equal each other, and the same ones on every machine.
    """
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    featureless = norms[:, 0] < np.finfo(np.float32).tiny
    unit = features / np.where(featureless[:, np.newaxis], np.float32(1), norms)
    unit[featureless] = 1.0 / np.sqrt(features.shape[1])
    return unit.astype(np.float32, copy=False)


def _finish_oldest(running: Running, features: NDArray[np.float32]) -> ov.InferRequest:
    """Waits for the request that has run longest, keeps its answer and gives it up."""
    row, request = running[0]
    request.wait()
    features[row] = request.get_output_tensor().data[0]
    running.popleft()
    return request


def _compile(
    model_file: Path, card: ModelCard, cache_folder: Path | None, threads: int, hint: Hint
) -> ov.CompiledModel:
    """One picture of uint8 (1, size, size, 3) -> float32 (1, dimension), not normalised."""
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": hint.upper(),
        "INFERENCE_PRECISION_HINT": "f32",
        # Pinned threads of two programs on one machine would share some processors and
        # leave others idle.
        "ENABLE_CPU_PINNING": False,
    }
    if threads > 0:
        options["INFERENCE_NUM_THREADS"] = threads
    core = ov.Core()
    try:
        network = _with_preprocessing(read_network(model_file, card), card)
        if cache_folder is not None:
            try:
                return core.compile_model(
                    network, "CPU", {**options, "CACHE_DIR": str(cache_folder)}
                )
            except RuntimeError as error:
                # A read-only or full disk costs the next start some time, and nothing else.
                _log.warning("%s cannot be used as a cache: %s", cache_folder, _first_line(error))
        return core.compile_model(network, "CPU", options)
    except RuntimeError as error:
        raise ModelBroken(
            f"The network {model_file} cannot be used: {_first_line(error)} "
            f"Remove the model {card.name!r} and add it again."
        ) from error


def read_network(model_file: Path, card: ModelCard) -> ov.Model:
    """float32 (1, 3, size, size) as scaled by the card -> float32 (1, dimension), not normalised.

    Raises RuntimeError when it is no network, ModelBroken when it does not fit its card.
    """
    network = ov.Core().read_model(model_file)
    _check_shapes(network, card)
    return network


def _with_preprocessing(network: ov.Model, card: ModelCard) -> ov.Model:
    """The same network from uint8 pixels on, for one picture of the card's size."""
    prepared = from_pixels(network, card).build()
    prepared.reshape([1, card.input_size, card.input_size, 3])
    return prepared


def from_pixels(network: ov.Model, card: ModelCard) -> ov.preprocess.PrePostProcessor:
    """What makes of `network` one that takes uint8 (n, height, width, 3) and scales by the card."""
    steps = ov.preprocess.PrePostProcessor(network)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    scaled = steps.input().preprocess().convert_element_type(ov.Type.f32)
    scaled.mean([255 * value for value in card.mean])
    scaled.scale([255 * value for value in card.std])
    return steps


def _check_shapes(network: ov.Model, card: ModelCard) -> None:
    """Refuses a network that takes or gives something else than its card says."""
    file_name = card.serving_files[0]
    expected = ov.PartialShape([1, 3, card.input_size, card.input_size])
    inputs, outputs = network.inputs, network.outputs
    if len(inputs) != 1 or not inputs[0].partial_shape.compatible(expected):
        raise ModelBroken(
            f"{file_name} of {card.name!r} takes {[str(i.partial_shape) for i in inputs]}, but its "
            f"card.json says one input of {expected}: pictures, 3 channels, height, width. "
            f"Correct input_size in card.json or export the network again."
        )
    network.reshape(expected)
    gives = [str(output.partial_shape) for output in outputs]
    if gives != [f"[1,{card.dimension}]"]:
        raise ModelBroken(
            f"{file_name} of {card.name!r} gives {gives} for one picture, but its card.json says "
            f"one output of [1,{card.dimension}]. Correct dimension in card.json, or export the "
            f"network again without its classifier and with its features pooled."
        )


def _first_line(error: RuntimeError) -> str:
    """OpenVINO's own words without the source lines it puts around them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (telling or lines or ["no reason given"])[0].rstrip(".") + "."
