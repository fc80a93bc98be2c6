"""The product as its users meet it: the command line and a service, each in its own process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

Likeness = Callable[..., subprocess.CompletedProcess[str]]
Serve = Callable[[], AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIKENESS_")}
    return {**inherited, "LIKENESS_HOME": str(home)}


@pytest.fixture(scope="module")
def likeness(environment: dict[str, str]) -> Likeness:
    """likeness("index", …): one run of the command line, which must end as `code` says."""

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "likeness", *arguments],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return run


@pytest.fixture(scope="module")
def serve(environment: dict[str, str]) -> Serve:
    """serve(): a service over the home while the block lasts; yields a client of it."""

    @contextmanager
    def run() -> Iterator[httpx.Client]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "likeness", "serve", "--no-worker", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False
        ) as client:
            try:
                _wait_until_ready(client, process)
                yield client
            finally:
                process.terminate()
                assert process.wait(timeout=30) in (0, -signal.SIGTERM)

    return run


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the service never became ready")
