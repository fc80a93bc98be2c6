"""The whole of it on a drawn catalogue, with a network of a few thousand weights."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from likeness import build_app
from tests.training.making import write_catalogue
from training.ablation.outcome import OUTCOME_FILE
from training.ablation.running import run_ablation
from training.ablation.variants import Variant, variants
from training.errors import CheckpointInvalid, SettingsInvalid
from training.settings import TrainingSettings

NETWORK = {"backbone": "test_resnet", "random_weights": True, "input_size": 64, "dimension": 8}
SETTINGS = {
    "network": NETWORK,
    "mining": {"name": "hard"},
    "data": {"validation": 0.25, "held_out": 0.25},
    "batches": {"products": 3, "pictures": 2},
    "budget": {"epochs": 1},
    "threads": 1,
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path / "home"))
    source = write_catalogue(tmp_path / "pictures")
    path = tmp_path / "base.yaml"
    path.write_text(yaml.safe_dump({**SETTINGS, "sources": [str(source)]}))
    return path


def run(config: Path, losses: list[str], forms: list[str], seeds: list[int]) -> None:
    run_ablation(
        config,
        {},
        losses=losses,
        forms=forms,
        seeds=seeds,
        folder=config.parent / "done",
        as_json=True,
    )


def written(config: Path) -> dict[str, int]:
    """Each training that is finished, and when."""
    return {
        path.parent.name: path.stat().st_mtime_ns
        for path in (config.parent / "done").glob(f"*/{OUTCOME_FILE}")
    }


def test_what_is_finished_is_not_trained_again(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(config, ["normalised-softmax", "multi-task"], ["single-scale"], [0])
    first = json.loads(capsys.readouterr().out)
    done = written(config)
    assert [each["loss"] for each in first["variants"]] == [
        None,
        "normalised-softmax",
        "multi-task",
    ]
    assert [each["steps"] for each in first["variants"]] == [0, 2, 2]
    assert first["variants"][0]["dimension"] == 96  # as it came, without projection
    assert not list((config.parent / "done").glob("*/checkpoint.pt"))

    gone = next(name for name in done if name.startswith("multi-task"))
    (config.parent / "done" / gone / OUTCOME_FILE).unlink()
    run(config, ["normalised-softmax", "multi-task"], ["single-scale"], [0])
    again = written(config)
    assert {name for name in done if again[name] == done[name]} == set(done) - {gone}
    second = json.loads(capsys.readouterr().out)
    for each in (*first["variants"], *second["variants"]):
        del each["seconds"]
    assert second == first  # what is trained again comes out the same


def test_other_seeds_settings_and_forms_are_other_trainings(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(config, ["triplet"], ["single-scale", "multi-scale"], [0, 3])
    found = json.loads(capsys.readouterr().out)
    assert found["seeds"] == [0, 3]
    assert [each["loss"] for each in found["multi_over_single_scale"]] == [None, "triplet"]
    done = written(config)
    assert len(done) == 8
    config.write_text(config.read_text().replace("name: hard", "name: semi-hard"))
    run(config, ["triplet"], ["single-scale"], [0])
    assert len(set(written(config)) - set(done)) == 2


def test_the_command_prints_the_table(config: Path) -> None:
    arguments = ["--config", str(config), "--loss", "angular", "--form", "single-scale"]
    result = CliRunner().invoke(build_app(["ablation"]), ["ablation", *arguments])
    assert result.exit_code == 0, result.output
    assert "│plain CNN│" in result.stdout
    assert "│angular  │" in result.stdout
    assert "Each was trained for 2 steps" in result.stdout


def test_a_damaged_outcome_is_refused(config: Path) -> None:
    run(config, ["angular"], ["single-scale"], [0])
    for path in (config.parent / "done").glob(f"angular*/{OUTCOME_FILE}"):
        path.write_text("{")
    with pytest.raises(CheckpointInvalid, match="is damaged"):
        run(config, ["angular"], ["single-scale"], [0])


def test_what_cannot_be_compared_is_refused(config: Path) -> None:
    with pytest.raises(SettingsInvalid, match="--loss cosine: there is no such loss"):
        run(config, ["cosine"], [], [])
    with pytest.raises(SettingsInvalid, match="cosine-distillation learns from a teacher"):
        run(config, ["cosine-distillation"], [], [])


def test_a_variant_changes_loss_form_and_seed_alone() -> None:
    base = TrainingSettings.model_validate(
        {**SETTINGS, "loss": {"name": "triplet", "parameters": {"gap": 0.4}}}
    )
    plain, softmax, triplet = (
        each.settings(base, 7)
        for each in variants(["normalised-softmax", "triplet"], ["multi-scale"])
    )
    assert triplet == base.model_copy(
        update={"seed": 7, "network": base.network.model_copy(update={"form": "multi-scale"})}
    )
    assert softmax.loss.parameters == {}
    assert softmax.mining.name == "all"  # it compares with proxies, not with mined pictures
    assert plain.network.dimension is None
    assert Variant("triplet", "multi-scale").settings(base, 7).budget == base.budget
