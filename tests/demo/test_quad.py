"""Faces in space: corners, look-up and projection."""

import numpy as np
import pytest

from demo.model import View
from demo.quad import face, laid_out, normals, project, sample

SIDE = 120


class TestFace:
    def test_coordinates_run_from_corner_to_corner(self) -> None:
        seen = face(SIDE, [(0.2, 0.1), (0.8, 0.25), (0.7, 0.9), (0.1, 0.8)])
        inside = seen.patch.coverage > 0.99
        assert seen.across[inside].min() == pytest.approx(0.0, abs=0.03)
        assert seen.across[inside].max() == pytest.approx(1.0, abs=0.03)
        assert seen.down[inside].min() == pytest.approx(0.0, abs=0.03)
        assert seen.down[inside].max() == pytest.approx(1.0, abs=0.03)

    def test_an_upright_square_is_linear(self) -> None:
        seen = face(SIDE, [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
        x, y = seen.patch.grid()
        assert np.abs(seen.across - x).max() < 1e-4
        assert np.abs(seen.down - y).max() < 1e-4


class TestSample:
    def test_it_interpolates_between_texels(self) -> None:
        artwork = np.zeros((2, 2, 4), np.float32)
        artwork[:, 1, :3] = 1.0
        artwork[..., 3] = 1.0
        colour, coverage = sample(artwork, np.full((1, 1), 0.5), np.full((1, 1), 0.5))
        assert colour[0, 0].tolist() == [0.5, 0.5, 0.5]
        assert coverage[0, 0] == 1.0

    @pytest.mark.parametrize("place", [-0.3, 1.3])
    def test_nothing_is_printed_beyond_the_artwork(self, place: float) -> None:
        artwork = np.ones((4, 4, 4), np.float32)
        _, coverage = sample(artwork, np.full((1, 1), place), np.full((1, 1), 0.5))
        assert coverage[0, 0] == 0.0


class TestProject:
    def test_the_front_view_changes_nothing_in_the_plane(self) -> None:
        points = project([(0.1, -0.2, 0.0), (-0.3, 0.4, 0.0)], View(tilt=0.0))
        assert points == pytest.approx(np.array([(0.6, 0.3), (0.2, 0.9)]))

    def test_from_above_the_near_edge_is_lower_and_the_top_is_visible(self) -> None:
        near, far = project([(0.0, 0.0, 0.2), (0.0, 0.0, -0.2)], View(tilt=20.0))
        assert near[1] > far[1]
        assert normals([(0.0, -1.0, 0.0)], View(tilt=20.0))[0, 2] > 0

    def test_a_flat_drawing_seen_from_the_front_is_itself(self) -> None:
        cutout = np.random.default_rng(1).random((16, 16, 4)).astype(np.float32)
        assert laid_out(cutout, View(tilt=0.0)) is cutout

    def test_a_turned_sheet_is_narrower(self) -> None:
        cutout = np.zeros((SIDE, SIDE, 4), np.float32)
        cutout[30:90, 30:90] = 1.0
        turned = laid_out(cutout, View(turn=50.0, tilt=0.0))[..., 3]
        width = (turned > 0.5).any(axis=0).sum()
        assert width == pytest.approx(60 * np.cos(np.radians(50)), abs=4)
