"""docs/training.md and its example say what the code takes."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from training.data.settings import USUAL_CHANGES, AugmentationSettings, DataSettings
from training.settings import (
    BatchSettings,
    BudgetSettings,
    JudgementSettings,
    OptimiserSettings,
    TeacherSettings,
    TrainingSettings,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = [
    line.split("|")[1:4]
    for line in (DOCS / "training.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
SECTIONS: dict[str, type[BaseModel]] = {
    "data.": DataSettings,
    "augmentation.": AugmentationSettings,
    "batches.": BatchSettings,
    "optimiser.": OptimiserSettings,
    "budget.": BudgetSettings,
    "judgements.": JudgementSettings,
    "teacher.": TeacherSettings,
}
NUMBERS = {
    f"{section}{name}": field.default
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if isinstance(field.default, int | float)
}


def test_every_setting_has_a_row() -> None:
    named = {name.strip(" `") for names, *_ in ROWS for name in names.split(",")}
    known = {
        f"{section}{name}" for section, model in SECTIONS.items() for name in model.model_fields
    }
    whole = {name for name in TrainingSettings.model_fields if f"{name}." not in SECTIONS}

    assert named == known | whole


@pytest.mark.parametrize("setting", NUMBERS)
def test_defaults_are_those_of_the_code(setting: str) -> None:
    shown = next(default for names, default, _ in ROWS if f"`{setting}`" in names)

    assert f"`{NUMBERS[setting]:g}`" in shown


def test_the_usual_changes_are_named() -> None:
    page = (DOCS / "training.md").read_text(encoding="utf-8")

    assert all(f"`{name}` (" in page for name in USUAL_CHANGES)


def test_the_example_is_followed() -> None:
    found = TrainingSettings.read(DOCS / "examples" / "train.yaml", {})

    assert found.sources == (DOCS / "examples/shop/catalogue.csv", DOCS / "examples/shelf-photos")
    assert found.augmentation.all_changes["horizontal-flip"].chance == 0.0
    assert (found.data.split_by, found.budget.minutes) == ("style", 30)
