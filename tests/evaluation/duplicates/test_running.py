"""`likeness duplicates` as it is called: what it prints, what it writes, what it refuses."""

import csv
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation.errors import ReportUnwritable
from likeness import build_app
from retrieval.errors import QueryInvalid
from tests.copies import EDITS, busy, busy_jpeg
from tests.pictures import encoded

# What a page might take for markup, and a spreadsheet for a formula.
NASTY = '=cmd|\' <b>&"x" .jpg'


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path / "home"))
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(busy_jpeg(1))
    (folder / NASTY).write_bytes(encoded(EDITS["resized"][0](busy(1)), "JPEG", quality=80))
    (folder / "other.jpg").write_bytes(busy_jpeg(2))
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(build_app(["duplicates"]), ["duplicates", *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


class TestCommand:
    def test_prints_a_table(self, shop: Path) -> None:
        printed = run(str(shop))
        assert "largest: keep" in printed
        assert "resized" in printed
        assert "2 pictures are in 1 group." in printed

    def test_writes_csv_html_and_json(self, shop: Path, tmp_path: Path) -> None:
        table, page = tmp_path / "copies.csv", tmp_path / "copies.html"
        document = json.loads(run(str(shop), "--json", "--csv", str(table), "--report", str(page)))
        (group,) = document["groups"]
        assert [picture["name"] for picture in group["pictures"]] == ["a.jpg", NASTY]
        assert group["links"][0]["kind"] == "resized"
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["keep"] for row in rows] == ["yes", "no"]
        assert rows[1]["picture"] == f"'{NASTY}"
        html = page.read_text()
        assert '<b>&"x"' not in html
        assert "&lt;b&gt;&amp;&quot;x&quot;" in html
        assert html.count("data:image/jpeg;base64,") == 2
        assert "http" not in html

    def test_takes_names_that_are_no_text(self, shop: Path, tmp_path: Path) -> None:
        (shop / os.fsdecode(b"caf\xe9.jpg")).write_bytes(busy_jpeg(1))
        table, page = tmp_path / "copies.csv", tmp_path / "copies.html"

        printed = run(str(shop), "--csv", str(table), "--report", str(page))

        assert "caf\\xe9.jpg" in printed
        assert "caf\\xe9.jpg" in table.read_text(encoding="utf-8")
        assert "caf\\xe9.jpg" in page.read_text(encoding="utf-8")

    def test_refuses_what_cannot_be(self, shop: Path, tmp_path: Path) -> None:
        with pytest.raises(QueryInvalid, match="not both"):
            run(str(shop), "--collection", "default")
        with pytest.raises(QueryInvalid, match="above 0"):
            run(str(shop), "--least-confidence", "0")
        with pytest.raises(ReportUnwritable):
            run(str(shop), "--csv", str(tmp_path / "nowhere" / "copies.csv"))
