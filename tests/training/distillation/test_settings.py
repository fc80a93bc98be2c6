from pathlib import Path

import pytest

from training.distillation.settings import DistillationSettings
from training.errors import SettingsInvalid


def _changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_paths_are_meant_from_the_files_folder_and_survive_being_written(
    settings_file: Path, tmp_path: Path
) -> None:
    settings = DistillationSettings.read(settings_file)
    assert settings.sources[0].catalogue == tmp_path / "shop" / "catalogue.csv"

    other = tmp_path / "elsewhere" / "settings.yaml"
    other.parent.mkdir()
    other.write_text(settings.as_yaml())
    assert DistillationSettings.read(other) == settings


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share: 0.5}]", "share: 0.6}]", "must add up to 1"),
        ("side: 64, share", "side: 96, share", "more pixels than views.side"),
        ("random_weights: true", "random_weights: true, dimension: 9", "teaching.dimension"),
        ("models: [near, far]", "models: []", "teaching.models"),
        ("licence: mine\nbatch", "batch", "licence is missing"),
        ("epochs: 3", "epoch: 3", "did you mean epochs"),
        ("{cuts: 1", "{cuts: many", "views.cuts takes a whole number"),
    ],
)
def test_says_which_key_is_wrong_and_what_it_takes(
    settings_file: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        DistillationSettings.read(_changed(settings_file, old, new))


def test_how_long_and_where_the_pictures_lie_make_no_other_training(settings_file: Path) -> None:
    settings = DistillationSettings.read(settings_file)
    longer = settings.model_copy(update={"epochs": 99, "minutes": 5.0, "threads": 2})
    other = settings.model_copy(update={"batch": 32})

    assert settings.decisive() == longer.decisive()
    assert settings.decisive() != other.decisive()
