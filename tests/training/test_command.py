"""What the words of `likeness train` become for a network."""

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("torch", reason="the extra `training` is not installed")

from training.command import train
from training.settings import TrainingSettings


def test_set_tells_any_setting_and_flags_that_were_not_given_take_none_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, Any] = {}

    def run(config: None, overrides: dict[str, object], **_: object) -> bool:
        told.update(overrides)
        return True

    monkeypatch.setattr("training.fitting.running.run_training", run)
    settings = ["budget.epochs=3", "budget.patience=null", "seed=7", "loss.name=triplet"]
    train(backbone="resnet18", settings=settings, minutes=5.0)

    found = TrainingSettings.read(None, told)
    assert (found.budget.epochs, found.budget.patience, found.budget.minutes) == (3, None, 5.0)
    assert (found.seed, found.loss.name, found.network.backbone) == (7, "triplet", "resnet18")


def test_help_shows_what_is_usual() -> None:
    """Brackets are markup where help is drawn."""
    app = typer.Typer()
    app.command()(train)
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert "[default: linear]" in " ".join(shown.replace("│", " ").split())
    assert "[default: MODEL-HEAD]" in shown
