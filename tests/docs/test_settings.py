"""docs/settings.md says what the code takes: every setting, its default and its meaning."""

from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from indexer.settings import IndexerSettings
from retrieval.settings import EngineSettings
from service.settings import ServiceSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
PROGRAMS: list[type[BaseSettings]] = [EngineSettings, ServiceSettings, IndexerSettings]


def _shown(default: Any) -> str:
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`"


def rows() -> dict[str, str]:
    """LIKENESS_NAME -> its row of the page, as the code would have it."""
    found: dict[str, str] = {}
    for program in PROGRAMS:
        for name, field in program.model_fields.items():
            variable = f"LIKENESS_{name.upper()}"
            row = f"| `{variable}` | {_shown(field.default)} | {field.description} |"
            found.setdefault(variable, row)
    return found


@pytest.mark.parametrize("variable", sorted(rows()))
def test_describes(variable: str) -> None:
    assert rows()[variable] in PAGE


def test_names_nothing_that_is_not_there() -> None:
    documented = {
        line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `LIKENESS_")
    }

    assert documented == set(rows())
