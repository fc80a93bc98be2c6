from pathlib import Path

import pytest

from training.errors import SettingsInvalid
from training.settings import TrainingSettings


def written(folder: Path, text: str) -> Path:
    path = folder / "train.yaml"
    path.write_text(text)
    return path


class TestReading:
    def test_flags_replace_what_the_file_says(self, tmp_path: Path) -> None:
        path = written(
            tmp_path, "network: {backbone: resnet18, form: multi-scale}\nbudget: {epochs: 3}"
        )

        found = TrainingSettings.read(
            path, {"network.backbone": "resnet50", "budget.minutes": 2, "budget.patience": None}
        )

        assert (found.network.backbone, found.network.form) == ("resnet50", "multi-scale")
        assert (found.budget.epochs, found.budget.minutes) == (3, 2)
        assert found.budget.patience is None

    def test_paths_in_the_file_are_meant_from_its_folder(self, tmp_path: Path) -> None:
        path = written(
            tmp_path,
            "sources: [shop/catalogue.csv, /elsewhere]\n"
            "network: {backbone: resnet18, weights: resnet18.pth}",
        )

        found = TrainingSettings.read(path, {})

        assert found.sources == (tmp_path / "shop/catalogue.csv", Path("/elsewhere"))
        assert found.network.weights == tmp_path / "resnet18.pth"

    def test_what_is_written_is_read_again(self, tmp_path: Path) -> None:
        told = TrainingSettings.read(
            None,
            {
                "network.backbone": "resnet18",
                "sources": [tmp_path / "a.csv"],
                "teacher.model": "resnet50",
                "augmentation.changes": {"hue": {"chance": 0.5, "strength": (0, 0.1)}},
            },
        )

        assert TrainingSettings.read(written(tmp_path, told.as_yaml()), {}) == told


class TestRefusing:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("network: {}", r"network.backbone is missing"),
            (
                "network: {backbone: a, form: wide}",
                r"network.form: Input should be 'single-scale' or 'multi-scale'",
            ),
            (
                "network: {backbone: a}\nbudget: {epoch: 3}",
                r"budget.epoch is no setting .did you mean epochs",
            ),
            ("network: {backbone: a}\nbudgets: 1", r"there are sources, collection, network"),
            (
                "network: {backbone: a}\nloss: {name: relational-distillation}",
                r"needs a teacher: name an installed model in teacher.model",
            ),
            (
                "network: {backbone: a}\naugmentation: {changes: {hues: {chance: 1}}}",
                r"augmentation.changes.hues.strength is missing",
            ),
            ("network: {backbone: a}\noptimiser: {lr: .inf}", r"optimiser.lr: .* finite number"),
            ("network: {backbone: a}\nseed: -1", r"seed: .* greater than or equal to 0"),
            ("network: [", r"train.yaml is no YAML"),
            ("[" * 5000, r"train.yaml is no YAML"),
            ("- 1", r"train.yaml holds no settings"),
        ],
    )
    def test_names_the_key_and_what_it_takes(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(SettingsInvalid, match=message):
            TrainingSettings.read(written(tmp_path, text), {})
