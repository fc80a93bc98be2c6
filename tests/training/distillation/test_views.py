import numpy as np
import pytest
from PIL import Image

from tests.pictures import drawn
from training.distillation.settings import ViewSettings
from training.distillation.views import view

PIXELS = np.asarray(drawn(3, (96, 96)))


def test_the_first_view_is_the_whole_picture() -> None:
    assert np.array_equal(np.asarray(view(PIXELS, 0, ViewSettings(), key=(0, 1))), PIXELS)


def test_the_same_numbers_give_the_same_pixels_and_others_do_not() -> None:
    def shown(number: int, place: int) -> bytes:
        return view(PIXELS, number, ViewSettings(), key=(0, place)).tobytes()

    assert shown(1, 7) == shown(1, 7)
    assert len({shown(1, 7), shown(2, 7), shown(1, 8)}) == 3


def test_a_cut_shows_the_share_that_was_asked_for() -> None:
    settings = ViewSettings(area=(0.25, 0.5), stretch=1.2, colour_chance=0.0)
    whole = PIXELS.shape[0] * PIXELS.shape[1]

    areas = []
    for number in range(1, 60):
        cut = view(PIXELS, number, settings, key=(0, 0))
        areas.append(cut.width * cut.height / whole)
        assert 1 / 1.25 < cut.width / cut.height < 1.25
    assert 0.23 < min(areas) < 0.30
    assert 0.45 < max(areas) < 0.52


def test_colours_change_in_as_many_cuts_as_was_asked_for() -> None:
    grey = np.full((64, 64, 3), 100, dtype=np.uint8)
    settings = ViewSettings(colour_chance=0.4, colour=0.3)

    changed = [
        not np.array_equal(np.asarray(cut), np.full((cut.height, cut.width, 3), 100))
        for cut in (view(grey, number, settings, key=(0, 0)) for number in range(1, 200))
    ]
    assert np.mean(changed) == pytest.approx(0.4, abs=0.1)


def test_pictures_may_be_of_any_size() -> None:
    small = np.asarray(Image.fromarray(PIXELS).resize((8, 8)))

    assert min(view(small, 1, ViewSettings(area=(0.02, 0.02)), key=(0, 0)).size) >= 1
