"""Reports are written, whatever their pictures are called."""

import os
from pathlib import Path

from evaluation.reporting.writing import write_report


def test_a_name_that_is_no_text_does_not_cost_the_report(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")

    write_report(tmp_path / "report.html", f"<p>{name} – ä</p>")

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "<p>caf\\udce9.jpg – ä</p>"
