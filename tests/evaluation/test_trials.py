import numpy as np
import pytest

from evaluation.errors import NothingToMeasure, RelationInvalid, SourceInvalid
from evaluation.relations import IGNORED, OTHER, RELEVANT, Relation
from evaluation.trials import Trial, label_trial
from tests.evaluation.making import picture_set

SHOP = {
    "product_id": ["a-red", "a-red", "a-blue", "b-red", "b-red"],
    "style": ["a", "a", "a", "b", "b"],
    "colour": ["red", "red", "blue", "red", "red"],
}


def verdicts_of(trial: Trial, query: int) -> list[int]:
    return trial.judge(np.array([query]), trial.gallery)[0].tolist()


class TestRelation:
    def test_reads_as_it_is_called(self) -> None:
        relation = Relation.parse("style, other:colour")

        assert relation == Relation(("style",), ("colour",))
        assert relation.name == "same style, other colour"

    @pytest.mark.parametrize("text", ["", "style,", "other:", "other:colour"])
    def test_says_how_one_is_written(self, text: str) -> None:
        with pytest.raises(RelationInvalid, match="style,other:colour"):
            Relation.parse(text)


class TestLabelTrial:
    def test_a_query_does_not_look_for_itself(self) -> None:
        trial = label_trial(picture_set(SHOP), Relation(("product_id",)))

        assert verdicts_of(trial, 0) == [IGNORED, RELEVANT, OTHER, OTHER, OTHER]

    def test_leaves_out_what_another_colour_was_not_asked_for(self) -> None:
        """The same style in the same colour is neither right nor wrong."""
        trial = label_trial(picture_set(SHOP), Relation(("style",), ("colour",)))

        assert verdicts_of(trial, 0) == [IGNORED, IGNORED, RELEVANT, OTHER, OTHER]
        assert verdicts_of(trial, 2) == [RELEVANT, RELEVANT, IGNORED, OTHER, OTHER]
        assert trial.queries.tolist() == [0, 1, 2]
        assert trial.without_relevant == 2

    def test_leaves_out_exact_copies_of_the_query(self) -> None:
        pictures = picture_set(SHOP, contents=[b"0", b"0", b"2", b"3", b"4"])

        trial = label_trial(pictures, Relation(("product_id",)))

        assert trial.queries.tolist() == [3, 4]
        assert trial.without_relevant == 3
        assert verdicts_of(trial, 0)[:2] == [IGNORED, IGNORED]

    def test_queries_and_gallery_may_be_apart(self) -> None:
        pictures = picture_set(
            SHOP,
            queries=[True, False, True, True, False],
            gallery=[False, True, False, False, True],
        )

        trial = label_trial(pictures, Relation(("product_id",)))

        assert trial.queries.tolist() == [0, 3]
        assert trial.gallery.tolist() == [1, 4]
        assert trial.without_relevant == 1

    def test_leaves_out_pictures_whose_label_is_not_known(self) -> None:
        labels = {"style": ["a", "a", "", "b", "b"]}

        trial = label_trial(picture_set(labels), Relation(("style",)))

        assert trial.gallery.tolist() == [0, 1, 3, 4]
        assert trial.unlabelled == 1

    def test_groups_queries_for_intervals(self) -> None:
        by_style = label_trial(picture_set(SHOP), Relation(("style",)))
        by_product = label_trial(picture_set(SHOP), Relation(("style",)), resample_by="product_id")

        assert len(set(by_style.groups)) == 2
        assert len(set(by_product.groups)) == 3

    def test_says_when_nothing_can_be_found(self) -> None:
        with pytest.raises(NothingToMeasure, match=r"same colour.*--relation"):
            label_trial(picture_set({"colour": ["red", "blue"]}), Relation(("colour",)))

    def test_says_which_columns_there_are(self) -> None:
        with pytest.raises(SourceInvalid, match=r"'size'.*product_id, style, colour"):
            label_trial(picture_set(SHOP), Relation(("size",)))
