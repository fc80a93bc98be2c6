"""The page from end to end, on pictures drawn here, and that what it tells people to type works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from evaluation.intervals import Interval
from evaluation.quality.__main__ import SECTIONS, main
from evaluation.quality.page import page
from evaluation.quality.section import Section, Table, percent, points
from tests.embedding.tiny_model import write_tiny_model
from tests.pictures import drawn

DOCS = Path(__file__).resolve().parents[3] / "docs"

STYLES = 24

# All but two whose pictures take a minute to make; both have their own tests, in
# tests/evaluation/robustness and tests/evaluation/duplicates.
MADE = [name for name in SECTIONS if name not in ("robustness", "duplicates")]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Styles in two colours, from two sides; products in two splits; garments of two kinds."""
    root = tmp_path_factory.mktemp("photographs")
    luma, grocery, clothing = [], [], []
    for name in ("luma", "grocery", "clothing"):
        (root / name).mkdir()
    for style in range(STYLES):
        shape = drawn(style, (96, 72))
        for colour, picture in (("plain", shape), ("negative", ImageOps.invert(shape))):
            product = f"{style}-{colour}"
            for view, seen in sides(picture):
                file = save(seen, root / "luma" / f"{product}-{view}.jpg")
                luma.append(f"{file},{product},{style},{colour},{view},{style % 2}")
        for split, seen in (("train", shape), ("val", ImageOps.mirror(shape))):
            file = save(seen, root / "grocery" / f"{style}-{split}.jpg")
            grocery.append(f"{file},{style},{style % 3},{split}")
        file = save(shape, root / "clothing" / f"{style}.jpg")
        clothing.append(f"{file},{style},{style % 2}")
    for name, header, rows in (
        ("luma", "image,product_id,style,colour,view,category", luma),
        ("grocery", "image,product_id,category,split", grocery),
        ("clothing", "image,product_id,category", clothing),
    ):
        (root / name / "catalogue.csv").write_text("\n".join([header, *rows]))
    # One side that the questions name has pictures of few products.
    alone = save(drawn(900, (96, 72)), root / "luma" / "alone.jpg")
    with (root / "luma" / "catalogue.csv").open("a") as catalogue:
        catalogue.write(f"\n{alone},alone,alone,plain,0,1")
    return root


def sides(picture: Image.Image) -> list[tuple[str, Image.Image]]:
    return [
        ("main", picture),
        ("back", ImageOps.mirror(picture)),
        ("alt1", picture.transpose(Image.Transpose.ROTATE_180)),
    ]


def save(picture: Image.Image, path: Path) -> str:
    picture.save(path, quality=90)
    return path.name


@pytest.fixture(scope="module")
def made(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("quality")
    write_tiny_model(folder / "home" / "models" / "tiny")
    patch = pytest.MonkeyPatch()
    patch.setenv("LIKENESS_HOME", str(folder / "home"))
    patch.setattr("evaluation.quality.coding._CODES", ("pca4", "bits8"))
    patch.setattr("evaluation.quality.pace.MOST", 100)
    for group in ("_QUICK", "_ALL"):
        patch.setattr(f"evaluation.quality.finding.{group}", ("colour-hsv", "shades"))
    try:
        # One network of eight numbers is described in no time; a page of it has every section.
        main(
            ["--photographs", str(photographs), "--out", str(folder / "quality.md")]
            + [word for name in MADE for word in ("--only", name)]
        )
        first = (folder / "quality.md").read_text()
        main(
            [
                "--photographs",
                str(photographs),
                "--out",
                str(folder / "again.md"),
                "--only",
                "fusing",
            ]
        )
        again = (folder / "again.md").read_text()
    finally:
        patch.undo()
    assert again.split("## Fusion")[1] in first, "a second run gives the same figures"
    return first


class TestPage:
    def test_has_every_section_and_says_how_many_queries(self, made: str) -> None:
        assert made.count("\n## ") == len(MADE)
        assert f"{4 * STYLES} queries, {2 * STYLES + 1} pictures searched" in made
        assert f"{6 * STYLES} of same style" in made

    def test_tables_are_rectangular(self, made: str) -> None:
        for block in re.findall(r"(?:^\|.*\n)+", made, re.MULTILINE):
            widths = {line.count("|") for line in block.splitlines()}
            assert len(widths) == 1, block

    def test_fused_models_are_measured_by_halves_of_styles(self, made: str) -> None:
        row = next(line for line in made.splitlines() if line.startswith("| tiny + shades"))
        weights = row.split("|")[-2]

        assert weights.count("tiny=") == 2
        assert len(re.findall(r"\*\*[+-]\d", row)) == 2

    def test_refuses_a_folder_without_photographs(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIKENESS_HOME", str(tmp_path / "home"))

        with pytest.raises(SystemExit, match="2"):
            main(["--photographs", str(tmp_path), "--out", str(tmp_path / "quality.md")])

        assert "has no catalogue.csv" in capsys.readouterr().err
        assert not (tmp_path / "quality.md").exists()

    def test_cells_may_hold_any_text(self) -> None:
        table = Table("t", "likeness evaluate", ("a|b", "c"), [["1", "2|3"]], ["note"])

        text = page([Section("Of all", "Text.", [table])], command="make")

        assert r"| a\|b | c |" in text
        assert r"| 1 | 2\|3 |" in text

    def test_shares_and_differences_are_told_apart(self) -> None:
        interval = Interval(0.125, -0.01, 0.25)

        assert percent(Interval(0.5, 0.25, 0.75)) == "50.0 (25.0–75.0)"
        assert points(interval) == "+12.5 (-1.0 to +25.0)"


class TestCommands:
    def test_of_the_page_are_understood(self) -> None:
        """Each `likeness …` of docs/quality.md names a command and options that there are."""
        written = set(re.findall(r"^\$ (likeness .*)$", (DOCS / "quality.md").read_text(), re.M))
        assert written
        helps: dict[tuple[str, ...], str] = {}
        for line in written:
            words = shlex.split(line)[1:]
            command = tuple(words[: 2 if words[0] == "models" else 1])
            if command not in helps:
                helps[command] = subprocess.run(
                    [sys.executable, "-m", "likeness", *command, "--help"],
                    capture_output=True,
                    text=True,
                    env={**os.environ, "COLUMNS": "200"},
                    check=True,
                ).stdout
            for option in (word for word in words if word.startswith("--")):
                assert option in helps[command], line
