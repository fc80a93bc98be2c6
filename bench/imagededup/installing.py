"""An environment of its own for imagededup, made once under the work folder, and its answers."""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.peer.installing import PeerMissing

IMAGEDEDUP = "imagededup==0.3.3.post2"
# In the versions that Likeness runs on here; timm only builds the network whose weights are given.
_SHARED = ("numpy", "pillow", "timm", "torch", "torchvision")
_RUNNER = Path(__file__).with_name("runner.py")


def imagededup_python(work: Path) -> Path:
    """The interpreter of an environment that has imagededup; minutes the first time.

    Raises PeerMissing when the package index cannot be reached or lacks something.
    """
    folder = work / "imagededup"
    python = folder / "bin" / "python"
    made_of = [IMAGEDEDUP, "safetensors", *(f"{name}=={version(name)}" for name in _SHARED)]
    made = folder / ".made"
    if made.exists() and made.read_text() == "\n".join(made_of):
        return python
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *made_of)
    made.write_text("\n".join(made_of))
    return python


def imagededup_pairs(python: Path, folders: Sequence[Path], weights: Path | None) -> dict[str, Any]:
    """method -> folder -> `pairs` of file names with a score each, and processor `seconds`; for
    its network perhaps `error` instead. `weights` as in `runner.cnn`."""
    order = {
        "folders": [str(folder) for folder in folders],
        "weights": None if weights is None else str(weights.resolve()),
    }
    done = subprocess.run(
        [str(python), str(_RUNNER)], input=json.dumps(order), capture_output=True, text=True
    )
    if done.returncode:
        raise PeerMissing(f"{IMAGEDEDUP} failed: {done.stderr.strip().splitlines()[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise PeerMissing(
            f"{IMAGEDEDUP} cannot be installed: {said.strip().splitlines()[-1]}"
        ) from error
