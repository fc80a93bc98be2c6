"""One search over HTTP against decoding and the model alone, and what the service costs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx

from bench.alone import one
from bench.measuring import Figure, Spread, milliseconds, resident_mb
from bench.serving import serving
from embedding.embedder import Embedder

RATIO_TARGET = 1.4
READY_TARGET_S = 2.0
RESIDENT_TARGET_MB = 350.0


def searching(
    embedder: Embedder, home: Path, queries: Sequence[Path], indexed: int
) -> list[Figure]:
    """Each query picture is searched over HTTP and then embedded alone, in turn."""
    contents = [path.read_bytes() for path in queries]
    over_http, alone = [], []
    with serving(home) as service:
        first = milliseconds(partial(_search, service.client, contents[0]))
        for content in contents:
            over_http.append(milliseconds(partial(_search, service.client, content)))
            alone.append(milliseconds(partial(one, embedder, content)))
        resident = resident_mb(service.pid)
        ready = service.ready_after_s
    whole, limit = Spread.of(over_http), Spread.of(alone)
    ratio = whole.p50 / limit.p50
    what = f"{embedder.card.name}, {indexed} pictures"
    return [
        Figure(
            name=f"one search over HTTP, {what}",
            value=f"{ratio:.2f} x the limit",
            target=f"<= {RATIO_TARGET} x",
            met=ratio <= RATIO_TARGET,
            detail=f"{whole}; decode + model alone {limit}; the very first {first:.1f} ms",
        ),
        Figure(
            name=f"service ready, {what}",
            value=f"{ready:.2f} s",
            target=f"< {READY_TARGET_S} s",
            met=ready < READY_TARGET_S,
            detail="from starting the process to /health/ready",
        ),
        Figure(
            name=f"resident memory after {len(contents)} searches, {what}",
            value=f"{resident:.0f} MB",
            target=f"< {RESIDENT_TARGET_MB:.0f} MB",
            met=resident < RESIDENT_TARGET_MB,
            detail="of the serving process",
        ),
    ]


def _search(client: httpx.Client, content: bytes) -> None:
    reply = client.post("/v1/search", files={"image": ("query.jpg", content, "image/jpeg")})
    reply.raise_for_status()
    if not reply.json()["hits"]:
        raise RuntimeError("the search found nothing")
