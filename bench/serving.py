"""A real `likeness serve` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True)
class Serving:
    """A running service: a client of it, where it is, and how long it took to be ready."""

    client: httpx.Client
    port: int
    pid: int
    ready_after_s: float


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Serving]:
    """`likeness serve --no-worker` over `home` until the block ends."""
    port = _free_port()
    environment = {**os.environ, "LIKENESS_HOME": str(home), **settings}
    command = [sys.executable, "-m", "likeness", "serve", "--no-worker", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        try:
            while not _is_ready(client):
                if process.poll() is not None:
                    raise RuntimeError(f"the service ended with {process.returncode}")
                time.sleep(0.01)
            yield Serving(client, port, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            process.wait(timeout=30)


def likeness(home: Path, *arguments: str) -> str:
    """What one run of the command line printed."""
    return subprocess.run(
        [sys.executable, "-m", "likeness", *arguments],
        env={**os.environ, "LIKENESS_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
