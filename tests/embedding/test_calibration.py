import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedding import calibration
from embedding.calibration import FEWEST_PICTURES, calibration_pictures
from embedding.card import ModelCard
from embedding.errors import CalibrationMissing
from tests.embedding.tiny_model import SIZE, write_pictures, write_tiny_model


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return write_tiny_model(tmp_path / "model")


class TestPictures:
    def test_are_split_and_in_no_list_twice(self, card: ModelCard, tmp_path: Path) -> None:
        write_pictures(tmp_path / "pictures", FEWEST_PICTURES)
        found = calibration_pictures(tmp_path / "pictures", card)
        assert (len(found.calibrating), len(found.measuring)) == (FEWEST_PICTURES // 2,) * 2
        everything = [*found.calibrating, *found.measuring]
        assert {(pixels.shape, str(pixels.dtype)) for pixels in everything} == {
            ((SIZE, SIZE, 3), "uint8")
        }
        assert len({pixels.tobytes() for pixels in everything}) == FEWEST_PICTURES

    def test_are_the_same_on_every_run_and_from_every_subfolder(
        self, card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(calibration, "FEWEST_PICTURES", 20)
        monkeypatch.setattr(calibration, "CALIBRATED_ON", 10)
        monkeypatch.setattr(calibration, "MEASURED_ON", 10)
        write_pictures(tmp_path / "pictures" / "dark", 30, brightness=60)
        write_pictures(tmp_path / "pictures" / "light", 30, brightness=255)
        first, again = (calibration_pictures(tmp_path / "pictures", card) for _ in range(2))
        np.testing.assert_array_equal(first.measuring, again.measuring)
        for pictures in (first.calibrating, first.measuring):
            assert len(pictures) == 10
            assert 0 < sum(pixels.max() > 60 for pixels in pictures) < 10

    def test_pass_over_what_is_none_or_there_twice(
        self, card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(calibration, "FEWEST_PICTURES", 20)
        folder = tmp_path / "pictures"
        write_pictures(folder, 20)
        (folder / "sub").mkdir()
        for picture in list(folder.glob("*.png")):
            shutil.copyfile(picture, folder / "sub" / picture.name)
        (folder / "notes.csv").write_text("id,name\n")
        (folder / "cut.png").write_bytes(next(folder.glob("*.png")).read_bytes()[:60])
        Image.new("RGB", (50, 50)).save(folder / ".draft.png")
        (folder / "link.png").symlink_to(tmp_path)
        found = calibration_pictures(folder, card)
        assert len(found.calibrating) + len(found.measuring) == 20


class TestMissing:
    def test_folder(self, card: ModelCard, tmp_path: Path) -> None:
        with pytest.raises(CalibrationMissing, match=r"There is no folder .*nowhere"):
            calibration_pictures(tmp_path / "nowhere", card)

    def test_pictures(self, card: ModelCard, tmp_path: Path) -> None:
        write_pictures(tmp_path / "pictures", 5)
        (tmp_path / "pictures" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
        with pytest.raises(CalibrationMissing, match=r"holds 5 different .* and 1 files .* 400"):
            calibration_pictures(tmp_path / "pictures", card)
