"""`likeness evaluate` as it is typed, and the report it writes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.embedding.tiny_model import write_tiny_model
from tests.evaluation.html_page import Page
from tests.evaluation.making import write_catalogue

Evaluate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluate")


@pytest.fixture(scope="module")
def catalogue(folder: Path) -> Path:
    path = write_catalogue(folder / "shop <b>", products=6)
    write_tiny_model(folder / "home" / "models" / "tiny")
    # Photographs of products differ in more than quality: swap two, so that some are not found.
    one, other = path.parent / "0-1.jpg", path.parent / "1-1.jpg"
    swapped = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(swapped)
    return path


@pytest.fixture(scope="module")
def evaluate(folder: Path) -> Evaluate:
    """evaluate("a.csv", …): one run of the command line, which must end as `code` says."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIKENESS_")}

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "likeness", "evaluate", *map(str, arguments)],
            env={**inherited, "LIKENESS_HOME": str(folder / "home"), "COLUMNS": "100"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return run


@pytest.fixture(scope="module")
def page(evaluate: Evaluate, catalogue: Path, folder: Path) -> Page:
    path = folder / "report.html"
    models = ("--model", "tiny", "--model", "classic")
    evaluate(catalogue, *models, "--relation", "product_id", "--report", path)
    return Page(path.read_text())


class TestEvaluate:
    def test_prints_a_table_for_each_relation(self, evaluate: Evaluate, catalogue: Path) -> None:
        printed = evaluate(catalogue, "--model", "classic", "--model", "tiny").stdout

        assert "same product_id" in printed
        assert "same category" in printed
        assert "R@1 by category" in printed
        assert "12 queries, 12 pictures searched" in printed
        assert "drawn by product_id (6)" in printed

    def test_gives_everything_to_programs(self, evaluate: Evaluate, catalogue: Path) -> None:
        given = json.loads(
            evaluate(
                catalogue, "--model", "classic", "--relation", "product_id", "--k", "3", "--json"
            ).stdout
        )

        relation = given["relations"][0]
        measures = relation["results"][0]["measures"]
        assert given["pictures"] == 12
        assert given["models"][0]["name"] == "classic"
        assert {"R@1", "R@3", "mAP", "MRR", "nDCG@3", "P@3", "recall@3", "mAP@3"} <= set(measures)
        assert measures["R@1"]["mean"] == pytest.approx(8 / 12, abs=1e-6)
        assert measures["R@1"]["low"] < 8 / 12 < measures["R@1"]["high"]
        assert set(relation["results"][0]["parts"]) == {"even", "odd"}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--relation", "size"], "no column 'size'; it has product_id, view, category"),
            (["--model", "dreamt"], "dreamt"),
            (["--report", "/nowhere/at/all.html"], "folder that is there"),
        ],
    )
    def test_says_what_is_wrong(
        self, evaluate: Evaluate, catalogue: Path, arguments: list[str], said: str
    ) -> None:
        refused = evaluate(catalogue, *arguments, code=2)

        assert said in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_says_how_an_empty_home_is_filled(self, evaluate: Evaluate) -> None:
        assert "likeness index" in evaluate(code=2).stderr


class TestReport:
    def test_loads_nothing_and_runs_nothing(self, page: Page) -> None:
        loaded = [value for name, value in page.attributes if name in ("src", "href", "srcset")]

        assert all(value.startswith("data:image/jpeg;base64,") for value in loaded)
        assert not {"script", "link", "iframe", "object"} & set(page.tags)
        assert [name for name, _ in page.attributes if name.startswith("on")] == []

    def test_shows_worst_queries_and_plots(self, page: Page) -> None:
        # Two plots of cost, and a histogram for each of two models.
        assert page.tags.count("svg") == 4
        alternatives = [value for name, value in page.attributes if name == "alt"]
        assert {"0-1.jpg", "1-1.jpg"} <= set(alternatives)

    def test_shows_names_as_text(self, page: Page) -> None:
        assert "b" in page.tags, "ranks are bold"
        assert "shop <b>" in page.text
