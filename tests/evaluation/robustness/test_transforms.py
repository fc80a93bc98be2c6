"""Transforms do what they say, by as much as they say, and always alike."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from embedding.images import DecodeLimits, decode
from evaluation.errors import TransformUnknown
from evaluation.robustness import background, geometry, photometry
from evaluation.robustness.scenes import SIDE, Scene, border_colour, scaled
from evaluation.robustness.subjects import Subject
from evaluation.robustness.transforms import TRANSFORMS, Change, Transform, changes
from tests.evaluation.making import picture
from tests.pictures import drawn, jpeg

S4 = ["horizontal-flip", "rotation", "resized-crop", "brightness", "affine", "hue", "saturation",
      "perspective"]  # fmt: skip


def chance(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def pixels(image: Image.Image) -> NDArray[np.float64]:
    return np.asarray(image).astype(np.float64)


def dot(size: tuple[int, int], place: tuple[int, int]) -> Image.Image:
    """A black square of 7 pixels around `place` (x, y) on white."""
    x, y = place
    image = Image.new("RGB", size, "white")
    image.paste("black", (x - 3, y - 3, x + 4, y + 4))
    return image


def where(image: Image.Image) -> NDArray[np.float64]:
    """The middle of what is dark, (x, y)."""
    rows, columns = np.nonzero(pixels(image).mean(axis=2) < 128)
    return np.array([columns.mean(), rows.mean()])


def scene(number: int = 1) -> Scene:
    image = drawn(number)
    return Scene(image, lambda: background.white_border_mask(image))


def subject(number: int = 1) -> Subject:
    return Subject(picture(f"{number}.jpg", jpeg(number)), "", True, DecodeLimits())


class TestRegistry:
    def test_s4_comes_first_under_its_own_names(self) -> None:
        assert list(TRANSFORMS)[:8] == S4
        assert [name for name, each in TRANSFORMS.items() if each.of_s4] == S4

    def test_s4s_stated_strengths_are_among_the_usual_ones(self) -> None:
        stated = {"rotation": 10.0, "brightness": 0.5, "hue": 0.3, "saturation": 0.5}
        assert {name: TRANSFORMS[name].usual.strength for name in stated} == stated

    def test_quick_is_one_strength_of_each(self) -> None:
        assert [each.transform.name for each in changes([], quick=True)] == list(TRANSFORMS)
        assert len(changes(["rotation"], quick=False)) == 3

    def test_an_unknown_name_says_what_there_is(self) -> None:
        with pytest.raises(
            TransformUnknown, match="no transform 'spin'; there are horizontal-flip"
        ):
            changes(["rotation", "spin"], quick=False)

    @pytest.mark.parametrize(
        "transform",
        # The levels of the background are kinds, and none is more than another.
        [each for each in TRANSFORMS.values() if each.name != "background"],
        ids=lambda each: each.name,
    )
    def test_every_level_changes_more_than_the_one_before(self, transform: Transform) -> None:
        number = 2
        before = pixels(drawn(number))
        away = [
            np.abs(
                pixels(transform.apply(scene(number), level.strength, chance()).resize((320, 240)))
                - before
            ).mean()
            for level in transform.levels
        ]
        assert away[0] > 0.1
        assert away == sorted(away)

    @pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=lambda each: each.name)
    def test_nothing_is_done_to_the_scene_itself(self, transform: Transform) -> None:
        given = scene()
        transform.apply(given, transform.usual.strength, chance())
        assert np.array_equal(pixels(given.image), pixels(drawn(1)))


class TestStrengthZero:
    @pytest.mark.parametrize(
        "function",
        [
            geometry.flipped, geometry.rotated, geometry.resized_crop, geometry.cropped,
            geometry.affine, geometry.perspective, photometry.brightness, photometry.saturation,
            photometry.hue, photometry.blur, background.occluded,
        ],
    )  # fmt: skip
    def test_is_the_picture_as_it_was(self, function: object) -> None:
        image = drawn(4)
        assert callable(function)
        assert np.array_equal(pixels(function(image, 0.0, chance())), pixels(image))

    def test_the_best_jpeg_is_near(self) -> None:
        image = drawn(4)
        away = np.abs(pixels(photometry.jpeg(image, 100.0, chance())) - pixels(image))
        assert away.mean() < 1.0


class TestGeometry:
    def test_a_flip_is_a_mirror(self) -> None:
        image = drawn(1)
        assert np.array_equal(
            pixels(geometry.flipped(image, 1.0, chance())), pixels(image)[:, ::-1]
        )

    @pytest.mark.parametrize("seed", range(6))
    def test_a_rotation_turns_about_the_centre(self, seed: int) -> None:
        found = where(geometry.rotated(dot((201, 201), (170, 100)), 30.0, chance(seed)))
        away = found - 100.0
        assert np.hypot(*away) == pytest.approx(70.0, abs=1.0)
        assert abs(np.degrees(np.arctan2(away[1], away[0]))) == pytest.approx(30.0, abs=1.0)

    def test_both_ways_occur(self) -> None:
        image = dot((201, 201), (170, 100))
        ways = {where(geometry.rotated(image, 30.0, chance(seed)))[1] > 100 for seed in range(20)}
        assert ways == {True, False}

    def test_what_comes_into_sight_has_the_borders_colour(self) -> None:
        image = Image.new("RGB", (100, 100), (10, 200, 30))
        image.paste("black", (30, 30, 70, 70))
        for change in (
            geometry.rotated(image, 30.0, chance()),
            geometry.affine(image, 1, chance()),
        ):
            assert border_colour(change) == (10, 200, 30)
            assert change.getpixel((0, 0)) == (10, 200, 30)

    @pytest.mark.parametrize("seed", range(6))
    def test_an_affine_keeps_the_centre_and_scales_areas(self, seed: int) -> None:
        image = Image.new("RGB", (301, 301), "white")
        image.paste("black", (111, 111, 190, 190))
        found = geometry.affine(image, 1.0, chance(seed))
        assert where(found) == pytest.approx([150.0, 150.0], abs=1.0)
        # Neither turning nor shearing changes an area.
        scale = (pixels(found)[..., 0] < 128).sum() / 79**2
        assert min(abs(scale / 1.3**2 - 1.0), abs(scale * 1.3**2 - 1.0)) < 0.03

    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("cut_away", [0.2, 0.5, 0.8])
    def test_a_resized_crop_enlarges_what_is_left(self, seed: int, cut_away: float) -> None:
        ramp = np.tile(np.linspace(0, 255, 400), (300, 1))
        image = Image.fromarray(np.stack([ramp] * 3, axis=2).astype(np.uint8))
        tall = Image.fromarray(
            np.stack([np.tile(np.linspace(0, 255, 300)[:, np.newaxis], (1, 400))] * 3, 2).astype(
                np.uint8
            )
        )
        across = np.ptp(pixels(geometry.resized_crop(image, cut_away, chance(seed)))) / 255
        down = np.ptp(pixels(geometry.resized_crop(tall, cut_away, chance(seed)))) / 255
        assert across * down == pytest.approx(1.0 - cut_away, abs=0.03)
        assert 0.74 <= across / down <= 1.35
        assert geometry.resized_crop(image, cut_away, chance(seed)).size == image.size

    def test_a_crop_leaves_a_smaller_part_of_the_picture(self) -> None:
        image = drawn(1)
        found = geometry.cropped(image, 0.25, chance())
        assert found.size == (240, 180)
        whole, part = pixels(image), pixels(found)
        assert any(
            np.array_equal(whole[top : top + 180, left : left + 240], part)
            for top in range(61)
            for left in range(81)
        )

    @pytest.mark.parametrize("seed", range(6))
    def test_perspective_moves_corners_inwards_only(self, seed: int) -> None:
        image = Image.new("RGB", (200, 200), "white")
        image.paste("black", (1, 1, 199, 199))
        dark = pixels(geometry.perspective(image, 0.5, chance(seed))).mean(axis=2) < 128
        # A quarter of each side is the most that a corner moves by, so the middle stays covered.
        assert dark[50:150, 50:150].all()
        assert dark.mean() < 0.98


class TestPhotometry:
    def test_brightness_multiplies(self) -> None:
        image = Image.new("RGB", (8, 8), (100, 60, 20))
        found = {
            photometry.brightness(image, 0.5, chance(seed)).getpixel((0, 0)) for seed in range(9)
        }
        assert found == {(150, 90, 30), (50, 30, 10)}

    def test_saturation_moves_to_grey_or_away(self) -> None:
        image = Image.new("RGB", (8, 8), (120, 100, 80))
        grey = round(0.299 * 120 + 0.587 * 100 + 0.114 * 80)
        found = {
            photometry.saturation(image, 1.0, chance(seed)).getpixel((0, 0)) for seed in range(9)
        }
        assert found == {(grey,) * 3, tuple(2 * each - grey for each in (120, 100, 80))}

    def test_a_third_of_the_hues_turns_red_to_green_or_blue(self) -> None:
        image = Image.new("RGB", (8, 8), (200, 20, 20))
        found = {photometry.hue(image, 1 / 3, chance(seed)).getpixel((0, 0)) for seed in range(9)}
        assert found == {(20, 200, 20), (20, 20, 200)}

    def test_a_blur_spreads_by_its_sigma(self) -> None:
        image = Image.new("RGB", (401, 401))
        image.paste("white", (200, 0, 201, 401))
        profile = pixels(photometry.blur(image, 0.02, chance()))[200, :, 0]
        places = np.arange(401) - 200.0
        sigma = np.sqrt((profile * places**2).sum() / profile.sum())
        assert sigma == pytest.approx(0.02 * 401, rel=0.1)

    def test_a_jpeg_is_what_pillow_saves(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        path = tmp_path_factory.mktemp("jpeg") / "30.jpg"
        drawn(1).save(path, quality=30, subsampling=2)
        with Image.open(path) as expected:
            found = photometry.jpeg(drawn(1), 30.0, chance())
            assert np.array_equal(pixels(found), pixels(expected))


class TestBackground:
    def test_the_mask_is_where_the_thing_is(self) -> None:
        image = Image.new("RGB", (100, 80), (250, 250, 247))
        image.paste((200, 30, 30), (30, 20, 70, 60))
        image.paste("white", (45, 35, 55, 45))  # a hole that nothing joins to the border
        mask = background.white_border_mask(image)
        assert mask is not None
        assert mask.shape == (80, 100)
        assert (mask[22:58, 32:68] == 1.0).all()
        assert mask[:18].max() == mask[62:].max() == mask[:, :28].max() == mask[:, 72:].max() == 0.0

    @pytest.mark.parametrize("colour", [(120, 120, 120), (255, 240, 200), (255, 255, 255)])
    def test_no_white_border_or_no_thing_gives_no_mask(self, colour: tuple[int, int, int]) -> None:
        assert background.white_border_mask(Image.new("RGB", (60, 60), colour)) is None

    @pytest.mark.parametrize("kind", [0.0, 1.0, 2.0])
    def test_only_what_is_behind_the_thing_changes(self, kind: float) -> None:
        image = Image.new("RGB", (100, 80), (250, 250, 250))
        image.paste((200, 30, 30), (30, 20, 70, 60))
        mask = background.white_border_mask(image)
        assert mask is not None
        found = pixels(background.before(image, mask, kind, chance()))
        assert (found[22:58, 32:68] == (200, 30, 30)).all()
        behind = found[:18].reshape(-1, 3)
        if kind == 0.0:
            assert (behind == 255).all()
        else:
            assert not (behind > 240).all(axis=1).any()
            assert (len(np.unique(behind, axis=0)) == 1) == (kind == 1.0)

    @pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
    def test_an_occlusion_hides_its_share_with_one_colour(self, share: float) -> None:
        rng = np.random.default_rng(0)
        noise = Image.fromarray(rng.integers(0, 256, (200, 300, 3), dtype=np.uint8))
        found = pixels(background.occluded(noise, share, chance()))
        changed = (found != pixels(noise)).any(axis=2)
        assert changed.mean() == pytest.approx(share, abs=0.02)
        assert len(np.unique(found[changed], axis=0)) == 1


class TestSubject:
    @pytest.mark.parametrize("change", changes([], quick=True), ids=lambda c: c.transform.name)
    def test_the_same_seed_gives_the_same_picture(self, change: Change) -> None:
        once, again = subject().changed(change, 7), subject().changed(change, 7)
        assert once.read() == again.read()
        assert once.content_sha256 == again.content_sha256

    def test_another_seed_or_strength_or_picture_is_known_by_another_name(self) -> None:
        mild, strong, _ = changes(["resized-crop"], quick=False)
        made = [
            subject(1).changed(mild, 7), subject(1).changed(mild, 8),
            subject(1).changed(strong, 7), subject(2).changed(mild, 7), subject(1).original(),
        ]  # fmt: skip
        assert len({each.content_sha256 for each in made}) == 5
        assert len({each.read() for each in made}) == 5

    def test_an_original_is_the_picture_without_loss(self) -> None:
        kept = decode(subject().original().read()).image
        assert np.array_equal(pixels(kept), pixels(decode(jpeg(1)).image))

    @pytest.mark.parametrize("size", [(1024, 300), (2000, 21), (40, 30)])
    def test_large_pictures_are_scaled_and_small_ones_left(self, size: tuple[int, int]) -> None:
        found = scaled(Image.new("RGB", size))
        assert max(found.size) == min(SIDE, max(size))
        assert found.width * size[1] == pytest.approx(found.height * size[0], rel=0.2)
