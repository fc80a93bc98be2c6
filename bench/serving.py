"""A real `likeness serve` in a process of its own, and the command line."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.wire import Connection, get

_POLL_S = 0.005


@dataclass(frozen=True)
class Serving:
    """A running service that has said it is ready; times in seconds of `time.perf_counter`."""

    port: int
    pid: int
    started_at: float
    ready_at: float


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Serving]:
    """`likeness serve --no-worker` over `home` until the block ends; `settings` are variables of
    its environment. Raises RuntimeError, with what it said, when it ends by itself."""
    port = _free_port()
    environment = {**os.environ, "LIKENESS_HOME": str(home), **settings}
    command = [sys.executable, "-m", "likeness", "serve", "--no-worker", "--port", str(port)]
    with tempfile.TemporaryFile("w+") as said:
        started_at = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            while not _is_ready(port):
                if process.poll() is not None:
                    said.seek(0)
                    raise RuntimeError(f"the service ended: {said.read().strip()}")
                time.sleep(_POLL_S)
            yield Serving(port, process.pid, started_at, time.perf_counter())
        finally:
            process.terminate()
            process.wait(timeout=30)


def likeness(home: Path, *arguments: str) -> str:
    """What one run of the command line printed; raises RuntimeError with what it complained of."""
    ended = subprocess.run(
        [sys.executable, "-m", "likeness", *arguments],
        env={**os.environ, "LIKENESS_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"likeness {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout


def _is_ready(port: int) -> bool:
    try:
        with Connection(port) as connection:
            return connection.exchange(get("/health/ready")).status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
