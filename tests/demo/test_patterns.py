"""Patterns repeat at their spacing and keep their colours."""

import numpy as np
import pytest

from demo.patterns import PATTERNS, Pattern, weave
from demo.raster import Plane

GROUND, FIGURE, ACCENT = (0.9, 0.9, 0.9), (0.1, 0.1, 0.1), (0.9, 0.1, 0.1)
SIDE = 400


def woven(kind: str, spacing: float) -> Plane:
    axis = ((np.arange(SIDE) + 0.5) / SIDE).astype(np.float32)
    pattern = Pattern(kind, spacing, GROUND, FIGURE, ACCENT)
    return weave(pattern, axis[None, :], axis[:, None], 1.0 / SIDE)


class TestWeave:
    @pytest.mark.parametrize("kind", PATTERNS)
    def test_shape_type_and_range(self, kind: str) -> None:
        colour = woven(kind, 0.1)
        assert colour.shape == (SIDE, SIDE, 3)
        assert colour.dtype == np.float32
        assert colour.min() >= 0.099
        assert colour.max() <= 0.901

    @pytest.mark.parametrize("kind", [kind for kind in PATTERNS if kind != "plain"])
    def test_spacing_changes_the_picture(self, kind: str) -> None:
        assert np.abs(woven(kind, 0.05) - woven(kind, 0.1)).mean() > 0.02

    @pytest.mark.parametrize(("spacing", "stripes"), [(0.1, 10), (0.05, 20)])
    def test_stripes_come_once_a_spacing(self, spacing: float, stripes: int) -> None:
        column = woven("stripes", spacing)[:, 0, 0] < 0.5
        assert int((np.diff(column.astype(int)) == 1).sum()) == stripes

    @pytest.mark.parametrize(
        ("kind", "across", "down"),
        [("dots", 1, 2), ("checks", 1, 1), ("chevrons", 2, 1), ("plaid", 1, 1), ("petals", 1, 2)],
    )
    def test_a_pattern_repeats_in_both_directions(self, kind: str, across: int, down: int) -> None:
        colour, step = woven(kind, 0.1), SIDE // 10
        right, below = colour[:, across * step :], colour[down * step :]
        assert np.abs(right - colour[:, : -across * step]).max() < 0.02
        assert np.abs(below - colour[: -down * step]).max() < 0.02

    def test_plain_is_one_colour(self) -> None:
        assert np.unique(woven("plain", 0.1)).tolist() == [np.float32(0.9)]


class TestPattern:
    def test_unknown_kinds_are_refused(self) -> None:
        with pytest.raises(ValueError, match="'tartan' is not one of"):
            Pattern("tartan", 0.1, GROUND, FIGURE, ACCENT)

    def test_spacing_is_positive(self) -> None:
        with pytest.raises(ValueError, match="positive"):
            Pattern("dots", 0.0, GROUND, FIGURE, ACCENT)
