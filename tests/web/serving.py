"""The service as `likeness serve` runs it, in a process of its own, for browsers to visit."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import httpx

READY_WITHIN_S = 120


def likeness(home: Path, *arguments: str) -> str:
    """What one run of the command line over `home`, which must succeed, printed."""
    result = subprocess.run(
        [sys.executable, "-m", "likeness", *arguments],
        env=_environment(home),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@contextmanager
def served(home: Path, **settings: str) -> Iterator[str]:
    """A service over `home` with its worker until the block ends; yields its address.

    `settings` are LIKENESS_… variables without the prefix, in lower case.
    """
    port = str(free_port())
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "likeness", "serve", "--port", port],
            env=_environment(home, **settings),
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)
        assert process.returncode in (0, -signal.SIGTERM), _read(log)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(home: Path, **settings: str) -> dict[str, str]:
    """The tests are about pages, not about the model: the classic one starts soonest."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIKENESS_")}
    own = {"home": str(home), "model": "classic", **settings}
    return {**inherited, **{f"LIKENESS_{name.upper()}": value for name, value in own.items()}}


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: IO[str]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, _read(log)
        try:
            if httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the service never became ready: {_read(log)}")


def _read(log: IO[str]) -> str:
    log.seek(0)
    return log.read()
