"""The folder of a run: which one, and the settings that are written in it."""

import re
from collections.abc import Mapping
from pathlib import Path

from training.errors import SettingsInvalid
from training.fitting.history import EPOCHS_FILE, STEPS_FILE
from training.settings import TrainingSettings

SETTINGS_FILE, RESULT_FILE = "settings.yaml", "result.json"
CHECKPOINT_FILE = "checkpoint.pt"


def begin(settings: TrainingSettings, folder: Path) -> None:
    """Makes the folder of a new run. Raises SettingsInvalid for one that holds another, or anything
    that is no run's: a run writes over what is called like its files, its model's folder whole."""
    if (folder / CHECKPOINT_FILE).exists():
        raise SettingsInvalid(
            f"{folder} holds a training already. Go on with it, --resume, or begin another one in "
            "another folder, --out."
        )
    if foreign := _foreign(folder):
        raise SettingsInvalid(
            f"{folder} holds {foreign[0]}, which is of no training. Name an empty folder, or one "
            "that is not there, with --out."
        )
    write_settings(settings.as_yaml(), folder)


def abandon(folder: Path) -> None:
    """Leaves nothing of a run that ended before its first step, such as for what it lacked."""
    if [each.name for each in folder.iterdir()] == [SETTINGS_FILE]:
        (folder / SETTINGS_FILE).unlink()
        folder.rmdir()


def _foreign(folder: Path) -> list[str]:
    """What is there besides the files of a run that ended before its first checkpoint."""
    if not folder.exists():
        return []
    try:
        there = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        raise SettingsInvalid(
            f"{folder} cannot be read ({error.strerror}). Name another folder with --out."
        ) from error
    return [
        name
        for name in there
        if name not in (SETTINGS_FILE, STEPS_FILE, EPOCHS_FILE) and not name.endswith(".part")
    ]


def take_up(config: Path | None, overrides: Mapping[str, object], folder: Path) -> TrainingSettings:
    """The settings that the run in `folder` was begun with, with another budget if that is told.

    Raises SettingsInvalid for a folder without a run, and for settings that would make another
    training of it; then nothing is changed.
    """
    written = folder / SETTINGS_FILE
    if config is not None:
        raise SettingsInvalid(
            f"--resume goes on with the settings in {written}; leave --config away."
        )
    if not written.exists():
        raise SettingsInvalid(
            f"{folder} holds no {SETTINGS_FILE}: no training began there. Name its folder with "
            "--out, or begin one without --resume."
        )
    settings = TrainingSettings.read(written, overrides)
    if settings.decisive() != TrainingSettings.read(written, {}).decisive():
        raise SettingsInvalid(
            f"The training in {folder} was begun with other settings, those in {written}: only "
            "the budget and the threads may change. Begin another one in another folder, --out."
        )
    write_settings(settings.as_yaml(), folder)
    return settings


def write_settings(text: str, folder: Path) -> None:
    """Into the folder of a run, which is made where it is not there. Raises SettingsInvalid."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid(
            f"{folder} cannot be written ({error.strerror}). Name another folder with --out."
        ) from error


def usual_name(backbone: str) -> str:
    """What a model is called that nobody named: `resnet18-trained`."""
    return f"{re.sub(r'[^a-z0-9._-]+', '-', backbone.lower()).strip('-._')}-trained"
