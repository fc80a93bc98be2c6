import math

import pytest

from training.fitting.schedule import Budget, rate


class TestProgress:
    def test_is_that_of_whatever_is_spent_first(self) -> None:
        budget = Budget(steps=10, seconds=60.0)

        assert budget.progress(5, 6.0) == 0.5
        assert budget.progress(1, 45.0) == 0.75
        assert budget.progress(11, 0.0) == 1.0

    def test_needs_no_time(self) -> None:
        assert Budget(steps=10, seconds=None).progress(5, 1e9) == 0.5


class TestRate:
    def test_rises_to_one_and_falls_along_a_cosine(self) -> None:
        assert [rate(each, 0.2) for each in (0.0, 0.1, 0.2)] == [0.0, 0.5, 1.0]
        assert rate(0.6, 0.2) == pytest.approx(0.5)
        assert rate(0.4, 0.2) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
        assert rate(1.0, 0.2) == pytest.approx(0.0)

    def test_begins_at_its_highest_without_a_warm_up(self) -> None:
        assert rate(0.0, 0.0) == 1.0
