import numpy as np
import pytest

from evaluation.errors import NothingToMeasure
from evaluation.intervals import Bootstrap
from evaluation.pictures import PictureSet
from tests.evaluation.making import picture_set
from training.data.joining import PRODUCT, SOURCE, TOGETHER
from training.fitting.validation import Examination


def two_sources(lonely: list[str]) -> PictureSet:
    """Three products of two pictures in one source, and the `lonely` ones in another."""
    products = ["a", "a", "b", "b", "c", "c", *lonely]
    return picture_set(
        {
            PRODUCT: products,
            TOGETHER: products,
            SOURCE: ["large"] * 6 + ["small"] * len(lonely),
        }
    )


def at(*degrees: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_source_is_searched_alone_and_counts_as_much_as_any_other() -> None:
    """In the large one a and b find their own, c does not; what the small one finds lies among the
    pictures of the large one."""
    examination = Examination(two_sources(["d", "d"]))

    hits = examination.hits(at(0, 1, 90, 91, 180, 60, 0.4, 0.8))

    assert examination.queries == {"large": 6, "small": 2}
    assert [each.tolist() for each in hits.at_1] == [[1, 1, 1, 1, 0, 0], [1, 1]]
    assert hits.recall_at_1 == pytest.approx((4 / 6 + 1) / 2)


def test_one_source_has_the_interval_of_the_ordinary_evaluation() -> None:
    products = [f"p{each // 4}" for each in range(160)]
    examination = Examination(
        picture_set({PRODUCT: products, TOGETHER: products, SOURCE: ["one"] * 160})
    )
    values = np.random.default_rng(0).integers(0, 2, 160).astype(np.float64)

    found = examination.interval([values])

    expected = Bootstrap(np.arange(160) // 4).mean(values)
    assert found.mean == expected.mean
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_a_source_without_anything_to_find_is_left_out() -> None:
    assert list(Examination(two_sources(["d", "e"])).queries) == ["large"]

    with pytest.raises(NothingToMeasure):
        Examination(picture_set({PRODUCT: ["a", "b"], TOGETHER: ["a", "b"], SOURCE: ["one"] * 2}))
