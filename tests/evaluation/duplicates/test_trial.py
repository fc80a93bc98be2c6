"""The trial's sets: same edits every time, halves that share nothing."""

from pathlib import Path

import pytest

from evaluation.duplicates.edits import EDITS
from evaluation.duplicates.originals import RUN, chosen_originals
from evaluation.duplicates.trial import make_sets
from evaluation.errors import SourceInvalid
from tests.copies import busy_jpeg


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    for number in range(8 * RUN):
        path = folder / ("shoes" if number % 2 else "hats") / f"{number:03d}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(busy_jpeg(number, (96, 72)))
    return folder


class TestHalves:
    def test_share_no_run_whatever_the_count(self, photographs: Path) -> None:
        tuning, _ = chosen_originals(photographs, 1000)
        _, reported = chosen_originals(photographs, 40)
        assert reported
        assert not set(tuning) & set(reported)


class TestSets:
    def test_are_the_same_again_and_know_their_families(
        self, photographs: Path, tmp_path: Path
    ) -> None:
        first = make_sets(photographs, tmp_path / "first")
        again = make_sets(photographs, tmp_path / "again")
        for one, other in zip(first["reported"], again["reported"], strict=True):
            names = sorted(one.family)
            assert {path.name for path in one.folder.glob("*.jpg")} == set(names)
            for name in names:
                assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()
            assert set(one.edit.values()) == set(EDITS[one.strength])
            true = [(f"{n:05d}-copy.jpg", f"{n:05d}-original.jpg") for n in range(len(one.edit))]
            assert one.score(true).f1.mean == 1.0
            found = one.recall_by_edit(true[:1])
            assert sum(hit for hit, _ in found.values()) == 1

    def test_too_few_photographs_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SourceInvalid, match="too few photographs"):
            make_sets(tmp_path, tmp_path / "work")
