from pathlib import Path

import pytest

from evaluation.errors import SourceInvalid
from tests.pictures import jpeg
from training.data.judgements import read_judgements
from training.errors import DataInvalid

_MOST = 10_000_000


def written(folder: Path, *rows: str, header: str = "query,closer,farther") -> Path:
    for number, name in enumerate("abc"):
        (folder / f"{name}.jpg").write_bytes(jpeg(number))
    (folder / "copy-of-a.jpg").write_bytes(jpeg(0))
    path = folder / "judgements.csv"
    path.write_text("\n".join([header, *rows]))
    return path


class TestReading:
    def test_keeps_the_order_in_which_judgements_arrived(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jpg,b.jpg,c.jpg", "b.jpg,a.jpg,c.jpg", "a.jpg,b.jpg,c.jpg")

        found = read_judgements(path, most_bytes=_MOST)

        assert [each.name for each in found.pictures] == ["a.jpg", "b.jpg", "c.jpg"]
        assert found.triplets.tolist() == [[0, 1, 2], [1, 0, 2], [0, 1, 2]]

    def test_takes_copies_of_a_file_for_one_picture(self, tmp_path: Path) -> None:
        path = written(tmp_path, "copy-of-a.jpg,b.jpg,c.jpg", "a.jpg,b.jpg,c.jpg")

        found = read_judgements(path, most_bytes=_MOST)

        assert found.triplets.tolist() == [[0, 1, 2], [0, 1, 2]]

    def test_leaves_out_and_counts_what_names_a_missing_file(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jpg,b.jpg,c.jpg", "gone.jpg,b.jpg,c.jpg")

        found = read_judgements(path, most_bytes=_MOST)

        assert (len(found.triplets), found.left_out) == (1, 1)
        assert list(found.unreadable) == ["gone.jpg"]


class TestRefusing:
    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            (["a.jpg,b.jpg,c.jpg", "a.jpg,c.jpg,b.jpg"], "row 3: it says the contrary of row 2"),
            (["a.jpg,b.jpg,b.jpg"], "row 2: `closer` and `farther` are the same"),
            (["a.jpg,copy-of-a.jpg,b.jpg"], "row 2: `query` and `closer` are the same"),
            (["a.jpg,,b.jpg"], "row 2: `closer` is empty"),
            (["gone.jpg,a.jpg,b.jpg"], "every judgement names a picture that cannot be read"),
        ],
    )
    def test_says_which_row_and_what_to_do(
        self, tmp_path: Path, rows: list[str], message: str
    ) -> None:
        with pytest.raises(DataInvalid, match=message):
            read_judgements(written(tmp_path, *rows), most_bytes=_MOST)

    def test_says_which_column_is_missing(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.jpg,b.jpg,c.jpg", header="query,near,far")

        with pytest.raises(SourceInvalid, match="no column 'closer'; it has query, near, far"):
            read_judgements(path, most_bytes=_MOST)
