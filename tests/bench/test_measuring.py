"""Spreads against a naive count, and figures against their aims."""

import random

import pytest

from bench.measuring import Spread, at_least, at_most


@pytest.mark.parametrize("count", [1, 2, 7, 99, 100, 101, 200, 1000])
def test_a_spread_is_what_counting_says(count: int) -> None:
    chance = random.Random(count)
    measured = [chance.lognormvariate(0, 1) for _ in range(count)]

    spread = Spread.of(measured)

    enough = [m for m in measured if sum(other > m for other in measured) <= count / 100]
    assert spread.p99 == min(enough)
    below, above = (sum(m < spread.p50 for m in measured), sum(m > spread.p50 for m in measured))
    assert below == above
    assert (spread.least, spread.most, spread.count) == (min(measured), max(measured), count)


def test_nothing_measured_has_no_spread() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_an_aim_is_met_up_to_its_bound() -> None:
    assert at_most("start", 2.0, 2.0, "s", "").met
    assert not at_most("start", 2.001, 2.0, "s", "").met
    assert at_least("rate", 5.0, 5.0, "x", "").met
    assert not at_least("rate", 4.999, 5.0, "x", "").met


def test_a_figure_tells_programs_what_it_tells_people() -> None:
    figure = at_most("start", 1234.5, 2000.0, "ms", "of five starts", ready_ms=[1.0, 2.0])

    assert (figure.value, figure.target) == ("1,234 ms", "<= 2000 ms")
    assert figure.numbers == {
        "measured": 1234.5,
        "relation": "<=",
        "bound": 2000.0,
        "unit": "ms",
        "ready_ms": [1.0, 2.0],
    }
