from pathlib import Path

import pytest

from evaluation.errors import SourceInvalid
from evaluation.sources.catalogue_csv import read_catalogue_csv
from evaluation.sources.folders import read_folders
from evaluation.sources.pairs_csv import read_pairs_csv
from evaluation.trials import pair_trial
from tests.evaluation.making import write_catalogue
from tests.pictures import jpeg

MOST_BYTES = 1_000_000


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return write_catalogue(tmp_path / "shop", products=2)


def read(path: Path, queries: str | None = None, gallery: str | None = None):
    return read_catalogue_csv(path, queries=queries, gallery=gallery, most_bytes=MOST_BYTES)


class TestCatalogueCsv:
    def test_labels_every_picture(self, catalogue: Path) -> None:
        pictures = read(catalogue)

        assert [each.name for each in pictures.pictures] == [
            "0-0.jpg",
            "0-1.jpg",
            "1-0.jpg",
            "1-1.jpg",
        ]
        assert pictures.labels["product_id"] == ["p0", "p0", "p1", "p1"]
        assert pictures.pictures[1].read() == (catalogue.parent / "0-1.jpg").read_bytes()

    def test_selects_queries_and_gallery(self, catalogue: Path) -> None:
        pictures = read(catalogue, "view=1", "view=0,1")

        assert pictures.queries.tolist() == [False, True, False, True]
        assert pictures.gallery.all()

    def test_reads_several_pictures_of_a_row_with_the_products_id(self, catalogue: Path) -> None:
        catalogue.write_text("id;images;style\nx;0-0.jpg|0-1.jpg;s\ny;1-0.jpg;t\n")

        pictures = read(catalogue)

        assert pictures.labels == {"product_id": ["x", "x", "y"], "style": ["s", "s", "t"]}

    def test_tells_which_files_cannot_be_read(self, catalogue: Path) -> None:
        (catalogue.parent / "0-1.jpg").unlink()

        pictures = read(catalogue)

        assert len(pictures.pictures) == 3
        assert pictures.labels["product_id"] == ["p0", "p1", "p1"]
        assert list(pictures.unreadable) == ["0-1.jpg"]

    @pytest.mark.parametrize(
        ("queries", "message"),
        [
            ("side=1", "no column 'side'; it has image, product_id"),
            ("view=front", "no row has view=front; the column holds 0, 1"),
            ("view", "COLUMN=VALUE"),
        ],
    )
    def test_says_what_a_selection_lacks(self, catalogue: Path, queries: str, message: str) -> None:
        with pytest.raises(SourceInvalid, match=message):
            read(catalogue, queries)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "no rows"),
            ("image,product_id\n", "no rows"),
            ("file,product_id\na.jpg,1\n", "no column `image`"),
            ("image,product_id\na.jpg,1,2\n", "row 2: it has 3 cells"),
            ("image,product_id\ngone.jpg,1\n", "gone.jpg: The file cannot be read"),
        ],
    )
    def test_says_what_is_wrong_with_the_file(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        path = tmp_path / "wrong.csv"
        path.write_text(text)

        with pytest.raises(SourceInvalid, match=message):
            read(path)


class TestPairsCsv:
    def test_the_left_look_for_the_right(self, catalogue: Path) -> None:
        pairs = catalogue.parent / "pairs.csv"
        pairs.write_text(
            "left,right,same\n0-0.jpg,0-1.jpg,1\n0-0.jpg,1-1.jpg,no\n1-0.jpg,1-1.jpg,yes\n"
        )

        trial = pair_trial(read_pairs_csv(pairs, most_bytes=MOST_BYTES))

        names = [each.name for each in trial.pictures.pictures]
        assert [names[each] for each in trial.queries] == ["0-0.jpg", "1-0.jpg"]
        assert [names[each] for each in trial.gallery] == ["0-1.jpg", "1-1.jpg"]
        assert trial.judge(trial.queries, trial.gallery).tolist() == [[1, 0], [0, 1]]

    def test_says_what_same_may_be(self, catalogue: Path) -> None:
        pairs = catalogue.parent / "pairs.csv"
        pairs.write_text("left,right,same\n0-0.jpg,0-1.jpg,perhaps\n")

        with pytest.raises(SourceInvalid, match="row 2: `same` is 'perhaps'"):
            read_pairs_csv(pairs, most_bytes=MOST_BYTES)

    def test_refuses_what_is_both(self, catalogue: Path) -> None:
        pairs = catalogue.parent / "pairs.csv"
        pairs.write_text(
            "left,right,same\n0-0.jpg,0-1.jpg,1\n0-0.jpg,0-1.jpg,1\n0-0.jpg,0-1.jpg,0\n"
        )

        with pytest.raises(SourceInvalid, match="row 4: an earlier row says the contrary"):
            read_pairs_csv(pairs, most_bytes=MOST_BYTES)


class TestFolders:
    @pytest.fixture
    def folders(self, tmp_path: Path) -> tuple[Path, Path]:
        for number, name in enumerate(
            ["asked/cups/1.jpg", "asked/jars/2.jpg", "shop/cups/3.jpg", "shop/.hidden/4.jpg"]
        ):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(jpeg(number))
        return tmp_path / "asked", tmp_path / "shop"

    def test_one_asks_and_the_other_is_searched(self, folders: tuple[Path, Path]) -> None:
        pictures = read_folders(*folders, most_bytes=MOST_BYTES)

        assert pictures.labels["class"] == ["cups", "jars", "cups"]
        assert pictures.queries.tolist() == [True, True, False]
        assert pictures.gallery.tolist() == [False, False, True]

    def test_one_alone_does_both(self, folders: tuple[Path, Path]) -> None:
        pictures = read_folders(folders[0], None, most_bytes=MOST_BYTES)

        assert pictures.queries.all()
        assert pictures.gallery.all()

    def test_counts_files_that_are_too_large(self, folders: tuple[Path, Path]) -> None:
        (folders[0] / "cups" / "film.mp4").write_bytes(b"x" * 100_000)

        pictures = read_folders(*folders, most_bytes=99_999)

        assert ["film.mp4" in name for name in pictures.unreadable] == [True]
