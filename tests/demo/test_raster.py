"""Coverage, blending and curves against what geometry says."""

import numpy as np
import pytest

from demo.raster import (
    Canvas,
    Patch,
    clipped,
    curve,
    ellipse,
    fill,
    rounded,
    stroke,
    symmetric,
)

SIDE = 200


class TestFill:
    def test_area_of_a_disc(self) -> None:
        disc = fill(SIDE, ellipse(0.5, 0.5, 0.3, 0.3))
        assert disc.coverage.sum() / SIDE**2 == pytest.approx(np.pi * 0.09, rel=0.01)

    def test_edges_are_soft(self) -> None:
        coverage = fill(SIDE, ellipse(0.5, 0.5, 0.3, 0.3)).coverage
        assert ((coverage > 0.05) & (coverage < 0.95)).sum() > SIDE

    def test_a_hole_is_left_out(self) -> None:
        square = rounded(0.2, 0.2, 0.8, 0.8, 0.0)
        ring = fill(SIDE, square, holes=[rounded(0.4, 0.4, 0.6, 0.6, 0.0)])
        assert ring.coverage.sum() / SIDE**2 == pytest.approx(0.36 - 0.04, rel=0.03)

    def test_what_lies_outside_the_picture_is_cut_off(self) -> None:
        patch = fill(SIDE, rounded(-0.5, -0.5, 0.5, 0.5, 0.0))
        assert patch.coverage.sum() / SIDE**2 == pytest.approx(0.25, rel=0.03)
        gone = fill(SIDE, rounded(1.5, 1.5, 1.8, 1.8, 0.0))
        assert gone.coverage.sum() == 0

    def test_a_patch_does_not_leave_its_canvas(self) -> None:
        with pytest.raises(ValueError, match="inside its canvas"):
            Patch(10, 5, 0, np.ones((6, 4), np.float32))

    def test_clipped_covers_what_both_cover(self) -> None:
        left, low = rounded(0.1, 0.1, 0.5, 0.9, 0.0), rounded(0.1, 0.5, 0.9, 0.9, 0.0)
        both = clipped(fill(SIDE, left), fill(SIDE, low))
        assert both.coverage.sum() / SIDE**2 == pytest.approx(0.16, rel=0.04)


class TestStroke:
    def test_area_of_a_round_ended_line(self) -> None:
        line = stroke(SIDE, [(0.2, 0.5), (0.8, 0.5)], 0.1)
        expected = 0.6 * 0.1 + np.pi * 0.05**2
        assert line.coverage.sum() / SIDE**2 == pytest.approx(expected, rel=0.03)


class TestCurve:
    def test_it_passes_through_its_points(self) -> None:
        points = [(0.1, 0.2), (0.5, 0.1, 1), (0.9, 0.4), (0.6, 0.8)]
        line = curve(points)
        for point in points:
            assert np.abs(line - point[:2]).sum(axis=1).min() < 1e-9

    def test_sharp_corners_are_joined_by_straight_lines(self) -> None:
        square = [(0.2, 0.2, 1), (0.8, 0.2, 1), (0.8, 0.8, 1), (0.2, 0.8, 1)]
        assert curve(square).tolist() == [list(point[:2]) for point in square]

    def test_an_open_curve_ends_at_its_last_point(self) -> None:
        line = curve([(0.1, 0.1), (0.4, 0.6), (0.9, 0.2)], closed=False)
        assert line[0].tolist() == [0.1, 0.1]
        assert line[-1].tolist() == [0.9, 0.2]

    def test_symmetric_mirrors_the_right_half(self) -> None:
        outline = symmetric([(0.5, 0.1), (0.8, 0.5, 1), (0.5, 0.9)])
        coverage = np.zeros((SIDE, SIDE))
        patch = fill(SIDE, outline)
        coverage[patch.rows, patch.columns] = patch.coverage
        assert np.abs(coverage - coverage[:, ::-1]).mean() < 0.01


class TestCanvas:
    def test_paint_lies_over_what_was_there(self) -> None:
        canvas = Canvas(8)
        whole = Patch(8, 0, 0, np.ones((8, 8), np.float32))
        canvas.paint(whole, (1.0, 0.0, 0.0))
        canvas.paint(whole.faded(0.25), (0.0, 0.0, 1.0))
        assert canvas.premultiplied()[3, 3].tolist() == [0.75, 0.0, 0.25, 1.0]

    def test_shade_and_gloss(self) -> None:
        canvas = Canvas(4)
        canvas.paint(Patch(4, 0, 0, np.ones((4, 4), np.float32)), (0.5, 0.5, 0.5), 0.5, 0.1)
        assert canvas.premultiplied()[0, 0] == pytest.approx([0.35, 0.35, 0.35, 1.0])

    def test_multiply_darkens_only_where_it_covers(self) -> None:
        canvas = Canvas(4)
        canvas.paint(Patch(4, 0, 0, np.ones((4, 4), np.float32)), (0.8, 0.8, 0.8))
        canvas.multiply(Patch(4, 0, 0, np.ones((2, 4), np.float32)), 0.5)
        assert canvas.premultiplied()[[0, 3], 0, 0] == pytest.approx([0.4, 0.8])

    def test_mirror(self) -> None:
        canvas = Canvas(4)
        canvas.paint(Patch(4, 0, 0, np.ones((4, 1), np.float32)), (1.0, 1.0, 1.0))
        canvas.mirror()
        assert canvas.premultiplied()[0, :, 3].tolist() == [0.0, 0.0, 0.0, 1.0]
