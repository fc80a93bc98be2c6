"""`likeness calibrate` as it is typed, what it stores, and what it refuses."""

import json
from pathlib import Path

import pytest

from embedding.store import ModelStore
from tests.embedding.tiny_model import write_tiny_model
from tests.evaluation.command_line import CommandLine
from tests.evaluation.making import write_catalogue


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrate")


@pytest.fixture(scope="module")
def catalogue(folder: Path) -> Path:
    write_tiny_model(folder / "home" / "models" / "tiny")
    return write_catalogue(folder / "shop", products=24)


@pytest.fixture
def store(folder: Path) -> ModelStore:
    return ModelStore(folder / "home" / "models", cache_folder=folder / "cache")


class TestCalibrate:
    def test_stores_shows_and_clears(
        self, likeness: CommandLine, catalogue: Path, folder: Path, store: ModelStore
    ) -> None:
        report = folder / "report.html"

        shown = likeness("calibrate", catalogue, "--model", "tiny", "--report", report).stdout

        assert "24 products" in shown
        assert "ECE" in shown
        page = report.read_text()
        assert page.count('aria-label="Said against seen, in percent"') == 3
        assert "<script" not in page
        stored = store.card("tiny").in_force
        assert stored is not None
        assert (stored.pairs.products, stored.hits[0].collection) == (24, None)
        assert stored.pairs.source == str(catalogue)
        assert "Calibrated: tiny, same product_id" in likeness("models", "list").stdout
        document = json.loads(likeness("models", "show", "tiny").stdout)
        assert document["calibration"]["pairs"]["cut"]["objective"] == "likely"

        refused = likeness("calibrate", catalogue, "--clear", "--model", "tiny", code=2)
        assert "leave the source" in refused.stderr
        assert store.card("tiny").calibration is not None
        likeness("calibrate", "--clear", "--model", "tiny")

        assert store.card("tiny").calibration is None

    def test_warns_of_a_model_that_has_learnt_and_of_pictures_left_out(
        self, likeness: CommandLine, catalogue: Path
    ) -> None:
        broken = catalogue.with_name("broken.csv")
        broken.write_text(catalogue.read_text() + "\ngone.jpg,p0,0,even")

        plain = likeness("calibrate", broken, "--model", "tiny", "--dry-run").stdout

        assert "cannot be read and were left out: 1." in plain
        assert "MIND" not in plain
        likeness(
            "train", catalogue, "--model", "tiny", "--as", "taught", "--force", "--with", "none"
        )
        told = likeness("calibrate", catalogue, "--model", "taught", "--dry-run").stdout
        assert "MIND: the model has learnt from shop/catalogue.csv" in told

    def test_stores_nothing_when_dry(
        self, likeness: CommandLine, catalogue: Path, store: ModelStore
    ) -> None:
        document = json.loads(
            likeness(
                "calibrate", catalogue, "--model", "classic", "--dry-run", "--json",
                "--objective", "precision>=0.9", "--method", "platt", "--folds", "3",
            ).stdout
        )  # fmt: skip

        assert document["stored"] is False
        pairs = document["calibration"]["pairs"]
        assert (pairs["fitted"]["method"], pairs["folds"]) == ("platt", 3)
        assert pairs["cut"]["objective"] == "precision>=0.9"
        assert sum(each["share"] for each in document["reliability"]["pairs"]["bins"]) == (
            pytest.approx(1.0, abs=1e-4)
        )
        assert store.card("classic").calibration is None

    def test_of_pairs(self, likeness: CommandLine, catalogue: Path) -> None:
        """Labelled ones: the same drawing at two qualities, or another one."""
        lines = ["left,right,same"]
        for number in range(24):
            lines.append(f"{number}-0.jpg,{number}-1.jpg,yes")
            lines.append(f"{number}-0.jpg,{(number + 1) % 24}-1.jpg,no")
        path = catalogue.parent / "pairs.csv"
        path.write_text("\n".join(lines))

        document = json.loads(likeness("calibrate", path, "--dry-run", "--json").stdout)

        pairs = document["calibration"]["pairs"]
        assert (pairs["positives"], pairs["negatives"]) == (24, 24)
        # What is nearly the same file is told from what is not.
        assert pairs["cut"]["f1"] > 0.9

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--relation", "colour"], "has no column 'colour'"),
            (["--relation", "category"], "only 2 labels of category"),
            (["--model", "resnet18"], "likeness models add resnet18"),
            (["--weights", "colour=1"], "has no parts to weigh"),
            (["--objective", "f3"], "is no objective"),
        ],
    )
    def test_refuses(
        self, likeness: CommandLine, catalogue: Path, arguments: list[str], told: str
    ) -> None:
        result = likeness("calibrate", catalogue, *arguments, code=2)

        assert told in result.stderr

    def test_a_collection_that_is_empty(self, likeness: CommandLine) -> None:
        result = likeness("calibrate", "--collection", "none", code=2)

        assert "none" in result.stderr
