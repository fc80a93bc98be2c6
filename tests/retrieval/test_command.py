"""`likeness compare` and `search` as processes: what a terminal and a program are told."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def run(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ROOT / "likeness.py", "--home", home, *arguments]
    return subprocess.run([str(each) for each in command], capture_output=True, text=True)


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    """A picture full of local features, and a turned copy of it."""
    cells = np.random.default_rng(1).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(cells).resize((300, 300))
    paths = [tmp_path / "first.png", tmp_path / "second.png"]
    picture.save(paths[0])
    picture.rotate(30).save(paths[1])
    return paths


def test_compare_by_points(pair: list[Path], tmp_path: Path) -> None:
    told = run(tmp_path / "home", "compare", *pair, "--method", "points")
    answer = json.loads(
        run(tmp_path / "home", "compare", *pair, "--method", "points", "--json").stdout
    )

    assert told.returncode == 0, told.stderr
    assert "matching points agree in place), similar at threshold 0.50; by points" in told.stdout
    assert answer["similar"] is True
    assert answer["method"] == "points"
    assert answer["inliers"] <= answer["matches"] <= min(answer["features"])


def test_points_take_no_model(pair: list[Path], tmp_path: Path) -> None:
    told = run(
        tmp_path / "home", "compare", *pair, "--method", "points", "--model", "classic"
    )  # fmt: skip

    assert told.returncode == 2
    assert "--model is not used by --method points" in told.stderr
