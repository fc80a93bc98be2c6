"""Each edit is known for what it is; look-alikes are not taken for copies."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from embedding.copies.sketch import Sketch, sketched, sketched_file
from embedding.copies.verdict import Verdict, verdict_on
from embedding.errors import PictureUnreadable
from embedding.images import DecodeLimits
from embedding.points import local_features
from embedding.points.matching import mutual_matches
from tests.copies import EDITS, busy, dyed

LEAST = 0.5


def verdict(first: Sketch, second: Sketch) -> Verdict | None:
    one, other = ((each.plate.shape[1], each.plate.shape[0]) for each in (first, second))
    return verdict_on(first, second, (one, other))


class TestCopies:
    @pytest.mark.parametrize("edit", EDITS)
    @pytest.mark.parametrize("number", [1, 2])
    def test_are_known_for_what_was_done(self, number: int, edit: str) -> None:
        change, kind = EDITS[edit]
        original, copy = busy(number), change(busy(number))
        found, turned = (
            verdict_on(sketched(one), sketched(other), (one.size, other.size))
            for one, other in ((original, copy), (copy, original))
        )
        assert found is not None
        assert (found.kind, found.confidence > LEAST) == (kind, True), found
        assert turned == found

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_brightened_to_white_is_known_in_either_order(self, number: int) -> None:
        original = busy(number)
        brighter = original.point(lambda value: min(255, round(1.25 * value)))

        found = verdict(sketched(brighter), sketched(original))

        assert found is not None
        assert found.confidence > LEAST

    @pytest.mark.parametrize("number", [1, 2])
    @pytest.mark.parametrize(
        "tone",
        [
            lambda image: ImageOps.grayscale(image).convert("RGB"),
            lambda image: ImageEnhance.Contrast(image).enhance(0.6),
            lambda image: image.point(lambda value: round(255 * (value / 255) ** 1.4)),
        ],
        ids=["in grey", "flatter", "another gamma"],
    )
    def test_in_other_tones_are_copies(
        self, number: int, tone: Callable[[Image.Image], Image.Image]
    ) -> None:
        found = verdict(sketched(busy(number)), sketched(tone(busy(number))))
        assert found is not None
        assert found.confidence > LEAST


def _cloth(number: int, colour: tuple[int, int, int]) -> Image.Image:
    """Folds of one colour, from dark to light; `number` decides where."""
    random = np.random.default_rng(number)
    folds = Image.fromarray(random.integers(60, 255, (25, 20)).astype(np.uint8))
    shade = np.asarray(folds.resize((160, 200), Image.Resampling.BICUBIC), np.float32) / 255.0
    return Image.fromarray((shade[:, :, None] * np.array(colour)).astype(np.uint8))


class TestLookAlikes:
    def test_strangers_are_no_copies(self) -> None:
        sketches = [sketched(busy(number)) for number in range(8)]
        for place, first in enumerate(sketches):
            for second in sketches[:place]:
                found = verdict(first, second)
                assert found is None or found.confidence < 0.3

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_the_same_in_other_colours_is_no_copy(self, number: int) -> None:
        found = verdict(sketched(busy(number)), sketched(dyed(busy(number))))
        assert found is None or found.confidence < 0.5

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_a_garment_dyed_on_the_same_photograph_is_no_copy(self, number: int) -> None:
        """Its background, and what else is shown, stay as they are to the pixel."""
        worn = Image.new("RGB", (480, 360), "white")
        worn.paste(busy(number).crop((0, 0, 80, 60)), (200, 40))
        other = worn.copy()
        worn.paste(_cloth(number, (30, 60, 140)), (160, 100))
        other.paste(_cloth(number, (20, 110, 50)), (160, 100))
        found = verdict(sketched(worn), sketched(other))
        assert found is None or found.confidence < 0.5

    def test_uniform_pictures_are_no_copies(self) -> None:
        plain = [sketched(busy(1).resize((1, 1)).resize((200, size))) for size in (150, 200)]
        found = verdict(*plain)
        assert found is None or found.confidence < 0.5


class TestMirroredSketches:
    def test_hold_the_descriptors_of_the_mirrored_picture(self) -> None:
        image = busy(5)
        mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        expected = local_features(mirrored)
        mine = sketched(image).mirrored.features
        _, theirs = mutual_matches(mine.descriptors, expected.descriptors)
        assert len(theirs) > 0.7 * len(mine)

    def test_have_the_layout_of_the_mirrored_picture(self) -> None:
        image = busy(6)
        expected = sketched(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).layout
        np.testing.assert_allclose(sketched(image).mirrored.layout @ expected, 1.0, atol=1e-3)


class TestLayout:
    def test_is_that_of_the_naive_transform(self) -> None:
        sketch = sketched(busy(3, (128, 128)))
        grey = np.asarray(
            Image.fromarray(sketch.plate).convert("L").resize((32, 32), Image.Resampling.BOX),
            dtype=np.float64,
        )
        expected = np.zeros((12, 12))
        for row in range(12):
            for column in range(12):
                down = np.cos(np.pi * row * (np.arange(32) + 0.5) / 32)
                across = np.cos(np.pi * column * (np.arange(32) + 0.5) / 32)
                norm = (0.5**0.5 if row == 0 else 1.0) * (0.5**0.5 if column == 0 else 1.0)
                expected[row, column] = norm * (down[:, None] * across * grey).sum()
        flat = expected.ravel()[1:]
        np.testing.assert_allclose(sketch.layout, flat / np.linalg.norm(flat), atol=1e-5)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureUnreadable):
        sketched_file(b"\xff\xd8\xff\xe0 no picture", DecodeLimits())
