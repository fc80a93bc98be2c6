"""Scores of pairs against a count by hand."""

import pytest

from evaluation.duplicates.scoring import scored

FAMILY = {"a0": 0, "a1": 0, "b0": 1, "b1": 1, "c0": 2, "c1": 2, "c2": 2}


class TestScores:
    def test_are_those_counted_by_hand(self) -> None:
        # Five pairs are true; three are found, of five said, one of them twice.
        said = [("a0", "a1"), ("c0", "c1"), ("c1", "c2"), ("c1", "c2"), ("a0", "b0"), ("b1", "c0")]
        score = scored(said, FAMILY)
        assert (score.found, score.true, score.wrong) == (3, 5, 2)
        assert score.precision.mean == pytest.approx(3 / 5)
        assert score.recall.mean == pytest.approx(3 / 5)
        assert score.f1.mean == pytest.approx(6 / 10)
        assert score.f1.low <= score.f1.mean <= score.f1.high

    def test_of_nothing_said_are_zero(self) -> None:
        score = scored([], FAMILY)
        assert (score.precision.mean, score.recall.mean, score.f1.mean) == (0.0, 0.0, 0.0)

    def test_of_everything_right_are_one_without_doubt(self) -> None:
        pairs = [(one, two) for one in FAMILY for two in FAMILY if one < two and one[0] == two[0]]
        score = scored(pairs, FAMILY)
        assert (score.f1.low, score.f1.high) == (1.0, 1.0)
