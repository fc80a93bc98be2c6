"""`likeness robustness` as it is typed, and the report it writes."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import CatalogError
from demo.pairs import EFFECTS
from embedding.errors import EmbeddingError
from embedding.model_names import BUILT_IN
from evaluation.errors import EvaluationError
from evaluation.robustness.running import run_robustness
from tests.embedding.tiny_model import write_tiny_model
from tests.evaluation.html_page import Page
from tests.pictures import jpeg

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model, and pictures of which one cannot be read."""
    root = tmp_path_factory.mktemp("robustness")
    write_tiny_model(root / "home" / "models" / "tiny")
    pictures = root / "shop <b>"
    pictures.mkdir()
    for number in range(4):
        (pictures / f"{number} <i>.jpg").write_bytes(jpeg(number))
    (pictures / "letter.jpg").write_text("no picture")
    (root / "empty").mkdir()
    return root


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """run("folder", …): one run of the command line, which must end as `code` says."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIKENESS_")}

    def runs(
        *arguments: str | Path, code: int = 0, columns: int = 100
    ) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "likeness", "robustness", *map(str, arguments)],
            env={**inherited, "LIKENESS_HOME": str(folder / "home"), "COLUMNS": str(columns)},
            capture_output=True,
            text=True,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return runs


class TestDemo:
    def test_tries_transforms_and_changed_characteristics(self, run: Run, folder: Path) -> None:
        page = folder / "demo.html"
        printed = run(
            "--quick", "--limit", "4", "--model", "classic", "--transform", "rotation",
            "--transform", "background", "--csv", "--report", page,
        ).stdout  # fmt: skip
        rows = list(csv.DictReader(io.StringIO(printed)))

        changed = [row for row in rows if row["kind"] == "transform"]
        effects = [row for row in rows if row["kind"] == "effect"]
        assert [(row["name"], row["strength"]) for row in changed] == [
            ("rotation", "10°"),
            ("background", "solid"),
        ]
        assert {row["pictures"] for row in changed} == {"4"}
        assert {row["name"] for row in effects} == {each.name for each in EFFECTS}
        assert {row["pictures"] for row in effects} == {"6"}
        scores = [float(row["similarity"]) for row in effects]
        assert scores == sorted(scores)
        assert effects[0]["name"] == "colour", "classic sees colours first of all"
        # The original and one changed picture of each transform, and a pair of each effect.
        assert Page(page.read_text()).tags.count("img") == 2 * 2 + 2 * len(EFFECTS)


class TestOwnPictures:
    def test_prints_one_model_in_full(self, run: Run, folder: Path) -> None:
        printed = run(folder / "shop <b>", "--model", "tiny", "--transform", "blur").stdout

        assert "0.5 %" in printed
        assert "2 %" in printed
        assert "4 pictures of" in printed
        assert "1 pictures cannot be read" in printed
        assert "letter.jpg" in printed
        assert "changed characteristic" not in printed
        assert max(map(len, printed.split("4 pictures of")[0].splitlines())) <= 100
        assert "intervals" not in printed

    def test_shortens_no_figure_in_a_narrow_window(self, run: Run, folder: Path) -> None:
        asked = (folder / "shop <b>", "--model", "tiny", "--transform", "resized-crop", "--quick")
        printed = run(*asked, columns=80).stdout

        tables = printed.split("4 pictures of")[0]
        assert max(map(len, tables.splitlines())) <= 80
        assert "…" not in tables
        assert "intervals: in a wider window" in tables

    def test_prints_many_models_beside_each_other(self, run: Run, folder: Path) -> None:
        names = [
            "classic",
            "tiny",
            "colour-hsv",
            "colour-lab",
            "points",
            "classic:l0.5",
            "tiny:pca2",
        ]
        models = [word for name in names for word in ("--model", name)]
        arguments = ["--quick", "--transform", "hue", "--transform", "crop", *models]
        printed = run(folder / "shop <b>", *arguments).stdout

        tables = printed.split("4 pictures of")[0].splitlines()
        assert max(map(len, tables)) <= 100
        assert sum("sim. and R@1" in line for line in tables) == 2
        assert all(name in printed for name in names)

    def test_gives_everything_to_programs(self, run: Run, folder: Path) -> None:
        given = json.loads(
            run(folder / "shop <b>", "--quick", "--transform", "background", "--json").stdout
        )

        assert given["pictures"] == 4
        assert [name.rsplit("/", 1)[-1] for name in given["unreadable"]] == ["letter.jpg"]
        assert [each["name"] for each in given["models"]] == [*BUILT_IN, "tiny"]
        result = given["models"][0]["transforms"][0]
        assert result["pictures"] + len(given["skipped"].get("background", [])) == 4
        assert result["similarity"]["low"] <= result["similarity"]["mean"]
        assert {"separation", "R@1", "above_threshold", "unrelated_similarity"} <= set(result)
        assert given["models"][0]["ms_per_comparison"] > 0.0

    def test_the_report_shows_names_as_text_and_loads_nothing(self, run: Run, folder: Path) -> None:
        path = folder / "own.html"
        run(folder / "shop <b>", "--transform", "jpeg", "--model", "tiny", "--report", path)
        page = Page(path.read_text())

        loaded = [value for name, value in page.attributes if name in ("src", "href", "srcset")]
        assert all(value.startswith("data:image/jpeg;base64,") for value in loaded)
        assert not {"script", "link", "iframe", "object", "b", "i"} & set(page.tags)
        assert "shop <b>" in page.text
        assert page.tags.count("polyline") == 2, "similarity and R@1"
        assert page.tags.count("img") == 4, "as it is, and at three strengths"


class TestRefused:
    def test_ends_without_a_traceback(self, run: Run) -> None:
        refused = run("--transform", "spin", code=2)

        assert "there are horizontal-flip, rotation, resized-crop" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert refused.stdout == ""

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"source": "empty"}, "names no picture that can be read"),
            ({"source": "nowhere.csv"}, "nowhere.csv"),
            ({"source": "shop <b>", "collection": "default"}, "not both"),
            ({"collection": "unknown"}, "unknown"),
            ({"models": ["dreamt"]}, "dreamt"),
            ({"models": ["classic:x3"]}, "there is no variant"),
            ({"as_json": True, "as_csv": True}, "not both"),
            ({"report": "nowhere/at/all.html"}, "folder that is there"),
        ],
    )
    def test_says_what_is_wrong(
        self,
        folder: Path,
        changed: dict[str, Any],
        said: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("LIKENESS_HOME", str(folder / "home"))
        asked: dict[str, Any] = {
            "source": None, "collection": None, "models": [], "transforms": [], "limit": None,
            "seed": 7, "quick": True, "report": None, "as_json": False, "as_csv": False,
        } | changed  # fmt: skip
        for name in ("source", "report"):
            asked[name] = None if asked[name] is None else folder / asked[name]

        with pytest.raises((EvaluationError, CatalogError, EmbeddingError), match=said):
            run_robustness(**asked)
