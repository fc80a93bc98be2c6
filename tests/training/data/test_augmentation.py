import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from evaluation.robustness.transforms import TRANSFORMS
from tests.pictures import drawn
from training.data.augmentation import Augmentation
from training.data.settings import (
    STRENGTHS,
    USUAL_CHANGES,
    AugmentationSettings,
    ChangeSettings,
)


def pixels(number: int, side: int = 74) -> NDArray[np.uint8]:
    return np.asarray(drawn(number, (side, side)), dtype=np.uint8)


def only(name: str, *strength: float) -> dict[str, ChangeSettings]:
    low, high = strength
    return {name: ChangeSettings(chance=1.0, strength=(low, high))}


class TestChanging:
    def test_is_the_same_for_the_same_seed_epoch_and_draw_alone(self) -> None:
        change = Augmentation(USUAL_CHANGES, side=64, seed=1)

        first = change(pixels(1), epoch=2, draw=3)

        assert first.shape == (64, 64, 3)
        assert np.array_equal(first, change(pixels(1), epoch=2, draw=3))
        others = [
            change(pixels(1), epoch=3, draw=3),
            change(pixels(1), epoch=2, draw=4),
            Augmentation(USUAL_CHANGES, side=64, seed=2)(pixels(1), epoch=2, draw=3),
        ]
        assert not any(np.array_equal(first, other) for other in others)

    def test_leaves_shades_alone_unless_asked(self) -> None:
        shade = np.full((74, 74, 3), (180, 40, 90), dtype=np.uint8)
        still = {name: each for name, each in USUAL_CHANGES.items() if name != "brightness"}
        change = Augmentation(still, side=64, seed=0)

        for draw in range(20):
            assert np.array_equal(
                change(shade, epoch=0, draw=draw), np.broadcast_to(shade[0, 0], (64, 64, 3))
            )

    def test_puts_things_before_other_backgrounds(self) -> None:
        thing = np.full((80, 80, 3), 255, dtype=np.uint8)
        thing[30:50, 30:50] = (200, 30, 30)

        found = Augmentation(only("background", 1, 2), side=80, seed=3)(thing, epoch=0, draw=0)

        assert (found[35:45, 35:45] == (200, 30, 30)).all()
        assert (found[0, 0] != 255).any()

    @pytest.mark.parametrize("name", TRANSFORMS)
    def test_goes_as_far_as_a_strength_may(self, name: str) -> None:
        low, high = STRENGTHS[name]
        told = {name: ChangeSettings(chance=1.0, strength=(low, high))}
        assert AugmentationSettings(changes=told).all_changes[name].strength == (low, high)
        for end in (low, high):
            change = Augmentation(only(name, end, end), side=64, seed=0)
            for draw in range(5):
                assert change(pixels(1), epoch=0, draw=draw).shape == (64, 64, 3)

    def test_keeps_a_background_that_cannot_be_told_apart(self) -> None:
        cluttered = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)

        found = Augmentation(only("background", 1, 2), side=64, seed=3)(cluttered, epoch=0, draw=0)

        assert np.array_equal(found, cluttered)


class TestSettings:
    def test_changes_replace_the_usual_ones_one_by_one(self) -> None:
        changes = AugmentationSettings(changes=only("rotation", 0, 45)).all_changes

        assert changes["rotation"].strength == (0, 45)
        assert changes["resized-crop"] == USUAL_CHANGES["resized-crop"]

    def test_an_unknown_change_is_refused_with_those_there_are(self) -> None:
        with pytest.raises(ValidationError, match=r"no change 'rotaton'; there are .*rotation"):
            AugmentationSettings(changes=only("rotaton", 0, 45))
