import pytest

from evaluation.errors import SourceInvalid
from evaluation.pictures import PictureSet
from tests.evaluation.making import picture_set
from training.data.joining import PRODUCT, SOURCE, TOGETHER, join
from training.errors import DataInvalid


def of(name: str, **labels: list[str]) -> PictureSet:
    count = len(next(iter(labels.values())))
    contents = [f"{name} {number}".encode() for number in range(count)]
    return picture_set(labels, contents=contents)


class TestJoining:
    def test_never_takes_labels_of_two_sources_for_one(self) -> None:
        shoes = of("shoes", product_id=["1", "1", "2"])
        bags = of("bags", **{"class": ["1", "1", "2"]})

        found = join([shoes, bags]).pictures

        assert len(set(found.labels[PRODUCT])) == 4
        assert len(found.pictures) == 6

    def test_keeps_together_what_agrees_in_the_coarser_column_where_there_is_one(self) -> None:
        shoes = of("shoes", product_id=["a", "a", "b", "c"], style=["s", "s", "s", ""])
        bags = of("bags", product_id=["a", "a"])

        together = join([shoes, bags], split_by="style").pictures.codes(TOGETHER)

        assert together[0] == together[1] == together[2] != together[3]
        assert together[4] == together[5] != together[0]

    def test_takes_the_usual_label_where_a_source_lacks_the_one_asked_for(self) -> None:
        shoes = of("shoes", product_id=["a", "b"], style=["s", "s"])
        bags = of("bags", product_id=["a", "a"])

        found = join([shoes, bags], label="style")

        assert found.pictures.labels[PRODUCT] == ["0:s", "0:s", "1:a", "1:a"]

    def test_leaves_out_and_counts_what_teaches_nothing(self) -> None:
        found = join(
            [
                picture_set(
                    {"product_id": ["a", "a", "", "b", "b", "c"]},
                    contents=[b"1", b"2", b"3", b"4", b"5", b"5"],
                )
            ]
        )

        assert (found.unlabelled, found.shared) == (1, 2)
        assert [name[2:] for name in found.pictures.labels[PRODUCT]] == ["a", "a", "b"]
        assert set(found.pictures.labels) == {PRODUCT, TOGETHER, SOURCE}


class TestRefusing:
    def test_the_same_pictures_from_two_sources(self) -> None:
        shoes = of("shoes", product_id=["1", "1"])

        with pytest.raises(DataInvalid, match="name one of them"):
            join([shoes, shoes])

    def test_a_column_to_split_by_that_no_source_has(self) -> None:
        with pytest.raises(SourceInvalid, match="no column 'style'; it has product_id"):
            join([of("shoes", product_id=["1", "1"])], split_by="style")
