"""An environment of its own for the peer, made once under the work folder."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

PEER = "DeepImageSearch==3.0.3"
# What both are built on, in the version that Likeness runs on here: a comparison of two programs,
# not of two releases of torch.
_SHARED = ("faiss-cpu", "numpy", "pillow", "timm", "torch", "torchvision")


class PeerMissing(Exception):
    """The peer cannot be installed here; says why."""


def peer_python(work: Path) -> Path:
    """The interpreter of an environment that has the peer; minutes the first time.

    Raises PeerMissing when the package index cannot be reached or lacks something.
    """
    folder = work / "peer"
    python = folder / "bin" / "python"
    made_of = [PEER, *(f"{name}=={version(name)}" for name in _SHARED)]
    made = folder / ".made"
    if made.exists() and made.read_text() == "\n".join(made_of):
        return python
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(str(python), *pip, *made_of)
    made.write_text("\n".join(made_of))
    return python


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise PeerMissing(f"{PEER} cannot be installed: {said.strip().splitlines()[-1]}") from error
