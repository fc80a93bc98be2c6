"""The report: a table for people, every figure explained below it, and JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measuring import Figure

RESULTS = Path(__file__).with_name("results")


def print_report(console: Console, figures: Sequence[Figure]) -> None:
    table = Table(title="Likeness against its limits", title_justify="left")
    for name in ("figure", "measured", "aim", ""):
        table.add_column(name, overflow="fold")
    for figure in figures:
        mark = "met" if figure.met else "missed"
        table.add_row(figure.name, figure.value, figure.target, mark)
    console.print(table)
    for figure in figures:
        console.print(f"- {figure.name}: {figure.detail}", markup=False, soft_wrap=True)


def write_report(
    folder: Path, machine: Mapping[str, str], figures: Sequence[Figure], notes: Sequence[str]
) -> Path:
    """`folder`/MOMENT.json; of each figure what the table has and all its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    report = {
        "made_at": now.isoformat(timespec="seconds"),
        "machine": dict(machine),
        "notes": list(notes),
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return path
