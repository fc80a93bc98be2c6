"""The solved surface of a turned solid against its own projection, point by point."""

import numpy as np
import pytest

from demo.lathe import Lathe, diffuse, glazed, wrap_artwork
from demo.model import View
from demo.raster import Canvas

SIDE = 200
VASE = ((0.1, 0.2, 1), (0.12, 0.35), (0.2, 0.55), (0.18, 0.75), (0.12, 0.85, 1))


class TestSeen:
    @pytest.mark.parametrize("tilt", [0.0, 10.0, 25.0])
    def test_angle_and_height_project_back_to_their_pixel(self, tilt: float) -> None:
        lathe = Lathe.through(VASE, View(tilt=tilt))
        seen = lathe.seen(SIDE)
        radius = np.interp(seen.height, lathe.profile[:, 1], lathe.profile[:, 0])
        x, y = seen.patch.grid()
        drop = radius * np.cos(seen.angle) * lathe.dip
        row = 0.5 + (seen.height - 0.5) * lathe.foreshortening + drop
        inside = (seen.patch.coverage > 0.99) & (np.abs(seen.angle) < 1.2)
        inside &= (seen.height > lathe.top + 0.01) & (seen.height < lathe.bottom - 0.01)
        column = np.broadcast_to(0.5 + radius * np.sin(seen.angle), inside.shape)
        assert inside.mean() > 0.4
        assert np.abs(column - x)[inside].max() < 0.002
        assert np.abs(row - y)[inside].max() < 0.004

    def test_normals_are_unit_and_face_the_viewer_in_the_middle(self) -> None:
        seen = Lathe.through(((0.2, 0.2, 1), (0.2, 0.8, 1)), View(tilt=0.0)).seen(SIDE)
        length = seen.normal_x**2 + seen.normal_y**2 + seen.normal_z**2
        assert length == pytest.approx(np.ones_like(length), abs=1e-4)
        middle = seen.normal_z[seen.normal_z.shape[0] // 2]
        assert middle[len(middle) // 2] == pytest.approx(1.0, abs=1e-3)

    def test_light_and_highlights_stay_in_range(self) -> None:
        seen = Lathe.through(VASE, View(tilt=12.0)).seen(SIDE)
        assert 0.2 < diffuse(seen).min() < diffuse(seen).max() < 1.5
        assert 0.0 <= glazed(seen, 0.4).min() < glazed(seen, 0.4).max() <= 0.41


class TestWrapArtwork:
    @pytest.mark.parametrize(("turn", "moves"), [(0.0, 0), (30.0, -1), (-30.0, 1)])
    def test_a_turned_label_moves_around(self, turn: float, moves: int) -> None:
        canvas = Canvas(SIDE)
        seen = Lathe.through(((0.2, 0.2, 1), (0.2, 0.8, 1)), View(tilt=0.0)).seen(SIDE)
        artwork = np.ones((20, 20, 4), np.float32)
        wrap_artwork(canvas, seen, artwork, top=0.4, bottom=0.6, width=0.1, turn=turn, shade=1.0)
        alpha = canvas.premultiplied()[..., 3]
        centre = (alpha.sum(axis=0) * (np.arange(SIDE) + 0.5) / SIDE).sum() / alpha.sum()
        assert centre == pytest.approx(0.5 + moves * 0.2 * np.sin(np.pi / 6), abs=0.004)
        assert alpha.sum() / SIDE**2 == pytest.approx(
            0.2 * 0.1 * np.cos(np.radians(turn)), rel=0.06
        )
