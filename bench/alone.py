"""The limit: decoding and the model with nothing around them, in the best arrangement tried.

Which one is best depends on the model and the machine. All use the product's own decoder and
models, on all processors.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bench.machine import cpu_seconds
from embedding.embedder import Embedder, Prepared
from embedding.images import decode
from embedding.store import ModelStore
from embedding.threads import one_blas_thread

_TRIED_ON = 96
_ROUNDS = 2
_A_TASK = 8
CORES = len(os.sched_getaffinity(0))

Embed = Callable[[Sequence[Path]], None]


@dataclass(frozen=True)
class Arrangement:
    """A way to lay decoding and the model out over the processors."""

    name: str
    embed: Embed

    def rate(self, files: Sequence[Path]) -> float:
        """Pictures a second with nothing but reading, decoding and the model."""
        start = time.perf_counter()
        self.embed(files)
        return len(files) / (time.perf_counter() - start)


class Alone:
    """One model's limit; use it with `with`, because processes belong to it."""

    def __init__(self, models: Path, cache: Path, name: str) -> None:
        self.embedder = ModelStore(models, cache_folder=cache).load(name, hint="throughput")
        self._processes = ProcessPoolExecutor(
            CORES, get_context("spawn"), initializer=_open, initargs=(models, cache, name)
        )
        self.arrangements = [
            *(
                Arrangement(
                    f"{threads} decoding threads, batches of {batch}",
                    partial(_in_batches, self.embedder, threads, batch),
                )
                for threads in range(1, CORES + 2)
                for batch in (16, 64)
            ),
            *(
                Arrangement(
                    f"{threads} threads that decode and embed",
                    partial(_thread_by_thread, self.embedder, threads),
                )
                for threads in (CORES, CORES + 1)
            ),
            Arrangement(f"{CORES} processes that decode and embed", self._process_by_process),
        ]

    def best(self, files: Sequence[Path]) -> Arrangement:
        """The fastest on a few of the files, each tried twice, in turn."""
        few = files[:: max(1, len(files) // _TRIED_ON)][:_TRIED_ON]
        self._process_by_process(few)  # starts them
        rates = [[each.rate(few) for each in self.arrangements] for _ in range(_ROUNDS)]
        fastest = np.argmax(np.max(rates, axis=0))
        return self.arrangements[int(fastest)]

    def cpu_seconds(self) -> float:
        """Processor time so far, of this process and those that belong to it."""
        return time.process_time() + sum(
            cpu_seconds(each.pid) for each in active_children() if each.pid is not None
        )

    def model_rate(self, inputs: Sequence[Prepared], batch: int = 64) -> float:
        """Pictures a second of the model on prepared inputs: what no decoding could improve on."""
        start = time.perf_counter()
        for at in range(0, len(inputs), batch):
            self.embedder.embed_prepared(inputs[at : at + batch])
        return len(inputs) / (time.perf_counter() - start)

    def _process_by_process(self, files: Sequence[Path]) -> None:
        tasks = [files[at : at + _A_TASK] for at in range(0, len(files), _A_TASK)]
        for _ in self._processes.map(_embed_here, tasks):
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._processes.shutdown()


def one(embedder: Embedder, content: bytes) -> None:
    """What one query cannot do without."""
    embedder.embed_prepared([prepared(embedder, content)])


def prepared(embedder: Embedder, content: bytes) -> Prepared:
    decoded = decode(content, target_side=embedder.target_side)
    return embedder.prepare(decoded.image)


def _in_batches(embedder: Embedder, threads: int, batch: int, files: Sequence[Path]) -> None:
    with ThreadPoolExecutor(threads) as decoding:
        waiting: Iterator[Prepared] = decoding.map(partial(_read, embedder), files)
        while inputs := list(islice(waiting, batch)):
            embedder.embed_prepared(inputs)


def _thread_by_thread(embedder: Embedder, threads: int, files: Sequence[Path]) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda path: one(embedder, path.read_bytes()), files):
            pass


def _read(embedder: Embedder, path: Path) -> Prepared:
    return prepared(embedder, path.read_bytes())


_embedder: Embedder
"""Of a process of the pool: a task can bring it no argument that is not copied."""


def _open(models: Path, cache: Path, name: str) -> None:
    global _embedder
    one_blas_thread()
    _embedder = ModelStore(models, cache_folder=cache, threads=1).load(name)


def _embed_here(files: Sequence[Path]) -> NDArray[np.float32]:
    return _embedder.embed_prepared([_read(_embedder, path) for path in files])
