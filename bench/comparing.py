"""The older predictor's call: two pictures in, a score out, against its 2 s."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx

from bench.measuring import Figure, Spread, milliseconds
from bench.serving import serving

TARGET_MS = 50.0
DOCUMENTED_MS = 2000.0


def comparing(home: Path, pictures: Sequence[Path], model: str) -> Figure:
    """POST /cosine_similarity_score with pairs of pictures under `model`."""
    pairs = [
        (first.read_bytes(), second.read_bytes())
        for first, second in zip(pictures[::2], pictures[1::2], strict=False)
    ]
    took = []
    with serving(home) as service:
        for first, second in [pairs[0], *pairs]:
            took.append(milliseconds(partial(_compare, service.client, model, first, second)))
    # The first one loads the model.
    spread = Spread.of(took[1:])
    return Figure(
        name=f"pair comparison over HTTP, {model}",
        value=f"{spread.p50:.1f} ms",
        target=f"< {TARGET_MS:.0f} ms (documented need: {DOCUMENTED_MS:.0f} ms)",
        met=spread.p50 < TARGET_MS,
        detail=f"{spread}; the first, which loads the model, {took[0]:.0f} ms",
    )


def _compare(client: httpx.Client, model: str, first: bytes, second: bytes) -> None:
    client.post(
        "/cosine_similarity_score",
        params={"model_name": model},
        files={"image_1": first, "image_2": second},
    ).raise_for_status()
