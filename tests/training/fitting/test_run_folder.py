"""The folder of a run: nothing of anybody else's is written over."""

from pathlib import Path

import pytest

from training.errors import SettingsInvalid
from training.fitting.history import STEPS_FILE
from training.fitting.run_folder import CHECKPOINT_FILE, SETTINGS_FILE, begin
from training.settings import TrainingSettings

SETTINGS = TrainingSettings.read(None, {"network.backbone": "resnet18"})


@pytest.mark.parametrize("name", ["model/weights.bin", "result.json", "notes.txt"])
def test_a_folder_with_anything_else_is_refused_and_left_as_it_was(
    tmp_path: Path, name: str
) -> None:
    """A run's model takes the place of the folder `model`, its result that of result.json."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(SettingsInvalid, match=f"holds {name.split('/')[0]}, which is of no train"):
        begin(SETTINGS, tmp_path)
    assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / SETTINGS_FILE).exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(SettingsInvalid, match=r"cannot be read.*--out"):
        begin(SETTINGS, tmp_path / "run")


def test_what_ended_before_its_first_checkpoint_is_begun_again(tmp_path: Path) -> None:
    begin(SETTINGS, tmp_path / "run")
    (tmp_path / "run" / STEPS_FILE).write_text("step\n")
    begin(SETTINGS, tmp_path / "run")
    (tmp_path / "run" / CHECKPOINT_FILE).write_text("")
    with pytest.raises(SettingsInvalid, match="holds a training already"):
        begin(SETTINGS, tmp_path / "run")
