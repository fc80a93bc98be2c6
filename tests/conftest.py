"""Fixtures every test folder may use."""

import os
import sys
from pathlib import Path

import pytest

# torch loads Triton wherever it is installed, though only graphics cards need it, and Triton then
# lists on stderr what it has not freed: behind pytest's closing line, which must be the last.
sys.modules["triton"] = None  # type: ignore[assignment]

# Most tests are not about the model, and the classic one needs no file; those of end_to_end use the
# default, and leave the environment behind.
os.environ.setdefault("LIKENESS_MODEL", "classic")

REPO_ROOT = Path(__file__).resolve().parent.parent


def _shared(folder: str) -> Path:
    """Real photographs and weights kept beside the repository; never part of it."""
    root = Path(os.environ.get("LIKENESS_TEST_SHARED", REPO_ROOT.parent / "shared"))
    path = root / folder
    if not path.is_dir():
        pytest.skip(f"{folder}/ of the development data is not here (looked in {root})")
    return path


@pytest.fixture(scope="session")
def shared_photos() -> Path:
    """Real photographs: luma/, grocery/, clothing/, varied/, each with a catalogue.csv."""
    return _shared("photos")


@pytest.fixture(scope="session")
def shared_weights() -> Path:
    """Folder of real pretrained backbones as safetensors."""
    return _shared("weights")
