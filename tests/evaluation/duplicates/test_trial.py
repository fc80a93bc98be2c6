"""The trial's sets: same edits every time, halves that share nothing."""

from pathlib import Path

import pytest

from evaluation.duplicates.edits import EDITS
from evaluation.duplicates.originals import RUN, chosen_originals
from evaluation.duplicates.same_photographs import same_photographs
from evaluation.duplicates.trial import CopySet, make_sets
from evaluation.errors import SourceInvalid
from tests.copies import busy, busy_jpeg, dyed
from tests.pictures import encoded


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


class TestSamePhotographs:
    def test_are_found_whatever_they_were_saved_as(self, tmp_path: Path) -> None:
        one, other = busy(1), busy(2)
        saved = {
            "one.jpg": encoded(one, "JPEG", quality=92),
            "again.jpg": encoded(one, "JPEG", quality=60),
            "dyed.jpg": encoded(dyed(one), "JPEG", quality=92),
            "wider.jpg": encoded(one.resize((480, 300)), "JPEG", quality=92),
            "other.jpg": encoded(other, "JPEG", quality=92),
        }
        for name, content in saved.items():
            (tmp_path / name).write_bytes(content)

        assert same_photographs([tmp_path / name for name in saved]) == {(0, 1)}

    def test_count_neither_for_nor_against(self) -> None:
        family = {f"{name}{n}": place for place, name in enumerate("abc") for n in "01"}
        copies = CopySet(Path(), "mild", family, {}, frozenset({(0, 1)}))

        score = copies.score([("a0", "b1"), ("a1", "b0"), ("a0", "a1"), ("b0", "c0")])

        assert (score.found, score.true, score.wrong) == (1, 3, 1)


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
