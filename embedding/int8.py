"""Makes a model's int8 variant, which serves only if its vectors and its speed deserve it.

Recipe: quantise on some pictures, compare with fp32 on others, write both figures on the card.
"""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from embedding.agreement import mean_cosine, neighbour_recall
from embedding.calibration import CalibrationPictures
from embedding.card import FP32_FILE, INT8_FILES, ModelCard, card_json
from embedding.fitting import fit_int8
from embedding.int8_measured import Int8Measured
from embedding.lean_openvino import ov
from embedding.model_folder import CARD_FILE, read_card, sha256_of
from embedding.quantising import scaled
from embedding.runtime import OnnxEmbedder, read_network

LEAST_COSINE = 0.99
LEAST_RECALL = 0.97
LEAST_SPEED_UP = 1.1
"""Below it int8 costs agreement and brings nothing."""

_TIMED_ROUNDS = 30


def add_int8(folder: Path, pictures: CalibrationPictures, *, forced: bool = False) -> ModelCard:
    """Quantises the fp32 model in `folder` and decides which of the two serves.

    `forced` quantises every layer and lets the result serve whatever is measured. Afterwards the
    folder holds the int8 network too if that serves, and a card that says what was measured, and
    why. Raises ModelBroken when the fp32 model cannot be used.
    """
    card = read_card(folder)
    fp32 = read_network(folder / FP32_FILE, card)
    inputs = [scaled(pixels, card) for pixels in pictures.calibrating]
    fitted = fit_int8(fp32, inputs, least=None if forced else LEAST_RECALL)
    candidate = _stored(fitted.network, folder, card)
    reference, vectors = (
        OnnxEmbedder(folder, each, cache_folder=None, hint="throughput").embed_prepared(
            pictures.measuring
        )
        for each in (card, candidate)
    )
    measured = Int8Measured(
        mean_cosine=mean_cosine(reference, vectors),
        recall_at_10=neighbour_recall(reference, vectors),
        speed_up=_speed_up(folder, card, candidate, pictures.measuring),
        calibrated_on=len(pictures.calibrating),
        measured_on=len(pictures.measuring),
        float_layers=fitted.float_layers,
        forced=forced,
    )
    return _decided(folder, card, candidate, measured)


def shortcomings(measured: Int8Measured) -> list[str]:
    """What speaks against serving int8, each with its figure; empty when nothing does."""
    found = []
    if measured.mean_cosine < LEAST_COSINE:
        found.append(f"mean cosine to fp32 {measured.mean_cosine:.4f}, below {LEAST_COSINE}")
    if measured.recall_at_10 < LEAST_RECALL:
        found.append(
            f"recall@10 of the fp32 neighbours {measured.recall_at_10:.4f}, below {LEAST_RECALL}"
        )
    if measured.speed_up < LEAST_SPEED_UP:
        found.append(
            f"speed {measured.speed_up:.2f} times that of fp32 on this machine, "
            f"below {LEAST_SPEED_UP}"
        )
    return found


def _stored(network: ov.Model, folder: Path, card: ModelCard) -> ModelCard:
    """Writes the int8 network beside the fp32 one; the card under which it would serve."""
    _name_by_place(network)
    ov.save_model(network, folder / INT8_FILES[0], compress_to_fp16=False)
    digests = {name: sha256_of(folder / name) for name in INT8_FILES}
    return card.model_copy(update={"precision": "int8", "files": {**card.files, **digests}})


def _name_by_place(network: ov.Model) -> None:
    """What has no name of its own OpenVINO numbers on through the life of a process; the file, and
    with it the fingerprint, would be another each time that the same network is made."""
    for place, operation in enumerate(network.get_ordered_ops()):
        if re.fullmatch(rf"{operation.get_type_name()}_\d+", operation.get_friendly_name()):
            operation.set_friendly_name(f"{operation.get_type_name()}.{place}")


def _speed_up(
    folder: Path, fp32: ModelCard, int8: ModelCard, inputs: Sequence[NDArray[np.uint8]]
) -> float:
    """Time of one picture alone under fp32 through that under int8: medians of turns taken one
    after the other, so that both meet the same weather."""
    embedders = [OnnxEmbedder(folder, card, cache_folder=None) for card in (fp32, int8)]
    seconds: list[list[float]] = [[], []]
    for turn in range(_TIMED_ROUNDS):
        for embedder, taken in zip(embedders, seconds, strict=True):
            started = time.perf_counter()
            embedder.embed_prepared([inputs[turn % len(inputs)]])
            taken.append(time.perf_counter() - started)
    return median(seconds[0]) / median(seconds[1])


def _decided(
    folder: Path, card: ModelCard, candidate: ModelCard, measured: Int8Measured
) -> ModelCard:
    """Keeps the int8 network or takes it away again, and writes the card."""
    against = shortcomings(measured)
    if not against:
        chosen, reason = candidate, "int8 agrees with fp32 and is faster"
    elif measured.forced:
        chosen, reason = candidate, f"int8 was forced, in spite of {', '.join(against)}"
    else:
        chosen, reason = card, f"fp32 serves, because int8 has {', '.join(against)}"
        for name in INT8_FILES:
            (folder / name).unlink()
    decided = chosen.model_copy(update={"precision_reason": reason, "int8": measured})
    (folder / CARD_FILE).write_text(card_json(decided), encoding="utf-8")
    return decided
