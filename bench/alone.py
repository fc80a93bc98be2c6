"""The limit: decoding and the model with nothing around them."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from embedding.embedder import Embedder, Prepared
from embedding.images import decode

THREADS_TRIED = (1, 2, 3)
BATCHES_TRIED = (16, 64)
TRIED_ON = 150


def one(embedder: Embedder, content: bytes) -> None:
    """What one query cannot do without."""
    decoded = decode(content, target_side=embedder.target_side)
    embedder.embed_prepared([embedder.prepare(decoded.image)])


@dataclass(frozen=True)
class Arrangement:
    """How decoding and the model are laid out over the cores."""

    threads: int
    batch: int

    def __str__(self) -> str:
        return f"{self.threads} decoding threads, batches of {self.batch}"


def best_arrangement(embedder: Embedder, files: Sequence[Path]) -> Arrangement:
    """The fastest of those tried on a few of the files."""
    few = files[:TRIED_ON]
    arrangements = [Arrangement(t, b) for t in THREADS_TRIED for b in BATCHES_TRIED]
    return max(arrangements, key=lambda each: rate(embedder, few, each))


def rate(embedder: Embedder, files: Sequence[Path], arrangement: Arrangement) -> float:
    """Pictures a second with nothing but reading, decoding and the model."""

    def prepared(path: Path) -> Prepared:
        decoded = decode(path.read_bytes(), target_side=embedder.target_side)
        return embedder.prepare(decoded.image)

    start = time.perf_counter()
    with ThreadPoolExecutor(arrangement.threads) as decoding:
        waiting = decoding.map(prepared, files)
        while inputs := list(islice(waiting, arrangement.batch)):
            embedder.embed_prepared(inputs)
    return len(files) / (time.perf_counter() - start)
