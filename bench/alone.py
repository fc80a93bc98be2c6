"""The limit: decoding and the model with nothing around them."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from embedding.embedder import Embedder, Prepared
from embedding.images import decode

THREADS_TRIED = (1, 2, 3)
BATCHES_TRIED = (16, 64)


def one(embedder: Embedder, content: bytes) -> None:
    """What one query cannot do without."""
    decoded = decode(content, target_side=embedder.target_side)
    embedder.embed_prepared([embedder.prepare(decoded.image)])


def best_rate(embedder: Embedder, files: Sequence[Path]) -> tuple[float, str]:
    """Pictures a second of the fastest arrangement tried, and which it was."""
    rates = {
        (threads, batch): _rate(embedder, files, threads, batch)
        for threads in THREADS_TRIED
        for batch in BATCHES_TRIED
    }
    (threads, batch), rate = max(rates.items(), key=lambda item: item[1])
    return rate, f"{threads} decoding threads, batches of {batch}"


def _rate(embedder: Embedder, files: Sequence[Path], threads: int, batch: int) -> float:
    def prepared(path: Path) -> Prepared:
        decoded = decode(path.read_bytes(), target_side=embedder.target_side)
        return embedder.prepare(decoded.image)

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as decoding:
        waiting = decoding.map(prepared, files)
        while inputs := list(islice(waiting, batch)):
            embedder.embed_prepared(inputs)
    return len(files) / (time.perf_counter() - start)
