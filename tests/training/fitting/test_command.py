"""`likeness train` of a network from the command line, Ctrl-C included."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from tests.evaluation.command_line import CommandLine, command_line
from tests.training.fitting.making import TINY
from tests.training.making import write_hard_catalogue
from training.fitting.history import STEPS_FILE

_PATIENCE_S = 300.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("command")


@pytest.fixture(scope="module")
def likeness(folder: Path) -> CommandLine:
    return command_line(folder)


@pytest.fixture(scope="module")
def words(folder: Path) -> list[str]:
    """What is written behind `likeness train`."""
    shop = write_hard_catalogue(folder / "shop", products=32)
    settings = [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]
    return [str(shop), "--backbone", str(TINY["network.backbone"]), *settings]


def test_killed_by_ctrl_c_it_goes_on_and_ends(
    folder: Path, likeness: CommandLine, words: list[str]
) -> None:
    run = folder / "run"
    told = [*words, "--epochs", "500", "--out", str(run)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "likeness", "train", *told],
            env={**os.environ, "LIKENESS_HOME": str(folder / "home")},
            stderr=said,
        )
        try:
            _wait_for_steps(run / STEPS_FILE, process)
            process.send_signal(signal.SIGINT)
            assert process.wait(_PATIENCE_S) == 130
        finally:
            process.kill()
    done = len((run / STEPS_FILE).read_text().splitlines()) - 1

    found = likeness("train", "--resume", "--out", run, "--epochs", str(done // 2 + 2), "--json")

    assert f"likeness train --resume --out {run}" in (folder / "said").read_text()
    result = json.loads(found.stdout)
    assert result["steps"] == 2 * (done // 2 + 2)
    steps = (run / STEPS_FILE).read_text().splitlines()[1:]
    assert [int(line.split(",")[0]) for line in steps] == list(range(1, result["steps"] + 1))
    assert (run / "model" / "card.json").exists()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (["--set", "optimiser.warmup=1"], "optimiser.warmup is no setting (did you mean warm_up?)"),
        (["--relation", "style"], "--relation is an option of a linear head"),
    ],
)
def test_says_what_it_cannot_follow(
    likeness: CommandLine, words: list[str], told: list[str], message: str
) -> None:
    result = likeness("train", *words, *told, code=2)

    assert message in " ".join(result.stderr.replace("│", " ").split())


def _wait_for_steps(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if path.exists() and len(path.read_text().splitlines()) > 4:
            return
        time.sleep(0.05)
    pytest.fail("no step was done")
