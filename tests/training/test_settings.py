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

    def test_means_and_deviations_are_one_number_or_three(self, tmp_path: Path) -> None:
        path = written(tmp_path, "network: {backbone: a, mean: 0.5, std: [0.1, 0.2, 0.3]}")

        told = {"network.mean": "0.4,0.5,0.6"}

        assert TrainingSettings.read(path, {}).network.mean == (0.5, 0.5, 0.5)
        assert TrainingSettings.read(path, {}).network.std == (0.1, 0.2, 0.3)
        assert TrainingSettings.read(path, told).network.mean == (0.4, 0.5, 0.6)

    def test_the_example_can_be_followed(self) -> None:
        example = Path(__file__).parents[2] / "docs" / "examples" / "train.yaml"

        found = TrainingSettings.read(example, {})

        assert [each.name for each in found.sources] == ["catalogue.csv", "shelf-photos"]
        assert found.augmentation.all_changes["jpeg"].strength == (30.0, 90.0)

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
                r"network.form takes 'single-scale' or 'multi-scale', not 'wide'",
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
            (
                "network: {backbone: a}\noptimiser: {lr: .inf}",
                r"optimiser.lr takes a finite number",
            ),
            ("network: {backbone: a}\nseed: -1", r"seed takes a number of at least 0, not '-1'"),
            (
                "network: {backbone: a, trainable: most}",
                r"trainable takes a number or a list, such as \[a, b\], not 'most'",
            ),
            ("network: {backbone: a, mean: [1, 2]}", r"network.mean takes one number or three"),
            ("network: {backbone: a, std: 0}", r"network.std takes numbers above 0"),
            (
                "network: {backbone: a}\nloss: triplet",
                r"loss takes settings of its own, name, para",
            ),
            (
                "network: {backbone: a}\naugmentation: {changes: {hue: 3}}",
                r"changes.hue takes settings of its own, chance, strength, not '3'",
            ),
            (
                "network: {backbone: a}\n"
                "augmentation: {changes: {hue: {chance: 1, strength: [1]}}}",
                r"changes.hue.strength takes two numbers",
            ),
            (
                "network: {backbone: a}\n"
                "augmentation: {changes: {crop: {chance: 1, strength: [0.5, 3]}}}",
                r"the strength of crop goes from 0 to 0.95",
            ),
            ("network: [", r"train.yaml is no YAML"),
            ("[" * 5000, r"train.yaml is no YAML"),
            ("- 1", r"train.yaml holds no settings"),
        ],
    )
    def test_names_the_key_and_what_it_takes(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(SettingsInvalid, match=message) as refused:
            TrainingSettings.read(written(tmp_path, text), {})
        for foreign in ("Input should", "Value error", "tuple", "valid"):
            assert foreign not in str(refused.value).split("cannot be followed")[-1]
