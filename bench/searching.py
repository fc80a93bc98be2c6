"""One search over HTTP against decoding and the model alone, and what the service costs."""

import http.client
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.alone import one
from bench.measuring import Figure, Spread, milliseconds, resident_mb
from bench.serving import serving
from embedding.embedder import Embedder

RATIO_TARGET = 1.4
READY_TARGET_S = 2.0
RESIDENT_TARGET_MB = 350.0
_BOUNDARY = "----likeness-bench"


def searching(
    embedder: Embedder, home: Path, queries: Sequence[Path], indexed: int
) -> list[Figure]:
    """Every query picture is searched over HTTP; then each is embedded alone, in a loop.

    The limit is what decoding and the model took in the serving process itself, as its answers
    tell; the loop of its own, with warm caches and no other thread, is told beside it.
    """
    contents = [path.read_bytes() for path in queries]
    over_http, stages = [], []
    with serving(home) as service:
        client = _Client(service.port)
        first = milliseconds(partial(client.search, contents[0]))
        for content in contents:
            over_http.append(milliseconds(partial(client.search, content)))
            stages.append(client.took_ms)
        client.close()
        resident = resident_mb(service.pid)
        ready = service.ready_after_s
    alone = Spread.of([milliseconds(partial(one, embedder, content)) for content in contents])
    whole = Spread.of(over_http)
    limit = Spread.of([each["decode"] + each["embed"] for each in stages])
    ratio = whole.p50 / limit.p50
    what = f"{embedder.card.name}, {indexed} pictures"
    return [
        Figure(
            name=f"one search over HTTP, {what}",
            value=f"{ratio:.2f} x the limit",
            target=f"<= {RATIO_TARGET} x",
            met=ratio <= RATIO_TARGET,
            detail=f"{whole}; decode + model in the serving process {limit}, in a loop of its own "
            f"{alone}; the very first search {first:.1f} ms; medians of the stages: "
            f"{_medians(stages)}",
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


class _Client:
    """A connection that costs little itself, so that what is timed is the service."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.took_ms: Mapping[str, float] = {}

    def search(self, content: bytes) -> None:
        """Raises RuntimeError unless something was found."""
        body = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image"; '
            f'filename="query.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        ).encode() + content
        self._connection.request(
            "POST",
            "/v1/search",
            body + f"\r\n--{_BOUNDARY}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
        )
        reply = self._connection.getresponse()
        answer = json.loads(reply.read())
        if reply.status != 200 or not answer["hits"]:
            raise RuntimeError(f"the search ended with {reply.status}: {answer}")
        self.took_ms = answer["took_ms"]

    def close(self) -> None:
        self._connection.close()


def _medians(stages: Sequence[Mapping[str, float]]) -> str:
    names = stages[0].keys()
    return ", ".join(f"{name} {Spread.of([s[name] for s in stages]).p50:.2f}" for name in names)
