from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `training` is not installed")

from training.errors import CheckpointInvalid  # noqa: E402
from training.fitting.checkpoint import Checkpoint, Standing  # noqa: E402
from training.fitting.run_folder import CHECKPOINT_FILE  # noqa: E402


def written(folder: Path) -> Checkpoint:
    standing = Standing(epoch=2, batch=1, steps=9, seconds=1.5, best_recall=0.5, best_epoch=1)
    checkpoint = Checkpoint("this one", standing, {"network": {"weight": torch.arange(3.0)}})
    checkpoint.write(folder)
    return checkpoint


class TestGoingOn:
    def test_reads_what_was_written(self, tmp_path: Path) -> None:
        expected = written(tmp_path)

        found = Checkpoint.read(tmp_path, "this one")

        assert found.standing == expected.standing
        assert torch.equal(found.states["network"]["weight"], torch.arange(3.0))
        assert [each.name for each in tmp_path.iterdir()] == [CHECKPOINT_FILE]

    def test_chance_goes_on_where_it_stood(self, tmp_path: Path) -> None:
        written(tmp_path)
        expected = torch.rand(3), np.random.random(3)

        Checkpoint.read(tmp_path, "this one")

        assert torch.equal(torch.rand(3), expected[0])
        assert np.array_equal(np.random.random(3), expected[1])


class TestRefusing:
    def test_a_folder_without_one(self, tmp_path: Path) -> None:
        with pytest.raises(CheckpointInvalid, match=r"holds no checkpoint.pt: .*Start anew"):
            Checkpoint.read(tmp_path, "this one")

    def test_one_of_another_training(self, tmp_path: Path) -> None:
        written(tmp_path)

        with pytest.raises(CheckpointInvalid, match="settings, its pictures or their labels"):
            Checkpoint.read(tmp_path, "another one")

    def test_a_damaged_one(self, tmp_path: Path) -> None:
        written(tmp_path)
        path = tmp_path / CHECKPOINT_FILE
        path.write_bytes(path.read_bytes()[:200])

        with pytest.raises(CheckpointInvalid, match="is damaged"):
            Checkpoint.read(tmp_path, "this one")

    def test_where_it_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(CheckpointInvalid, match=r"cannot be written to .*gone .No such file"):
            written(tmp_path / "gone")
