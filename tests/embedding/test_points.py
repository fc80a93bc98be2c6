"""Point-wise matching: copies of a picture match, others do not, and every number is checked."""

import io
import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps

from demo.catalogue import catalogue_pictures, plan_products
from demo.render import draw_picture
from embedding.points import VERIFIED, LocalFeatures, PointMatch, local_features, match_points
from embedding.points.features import MOST_FEATURES
from embedding.points.matching import RATIO
from tests.pictures import encoded

SEED = 7


@pytest.fixture(scope="module")
def products() -> list[Image.Image]:
    """Studio pictures of thirteen products, one of each type."""
    return [
        _opened(draw_picture(catalogue_pictures(SEED, product)[0], 256))
        for product in plan_products(SEED, 13)
    ]


@pytest.fixture(scope="module")
def features(products: list[Image.Image]) -> list[LocalFeatures]:
    return [local_features(image) for image in products]


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _turned(image: Image.Image) -> Image.Image:
    return image.rotate(25, resample=Image.Resampling.BICUBIC, fillcolor="white")


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 5, height // 5, width * 9 // 10, height * 9 // 10))


def _compressed(image: Image.Image) -> Image.Image:
    smaller = image.resize((image.width * 3 // 4, image.height * 3 // 4))
    return _opened(encoded(smaller, "JPEG", quality=40))


def _half_hidden(image: Image.Image) -> Image.Image:
    hidden = image.copy()
    hidden.paste("grey", (0, 0, image.width // 2, image.height))
    return hidden


class TestWhatItKnows:
    @pytest.mark.parametrize("edit", [_turned, _cropped, _compressed, _half_hidden])
    def test_an_edited_copy(
        self, edit, products: list[Image.Image], features: list[LocalFeatures]
    ) -> None:
        scores = [
            match_points(mine, local_features(edit(image))).score
            for image, mine in zip(products, features, strict=True)
        ]

        assert np.mean(np.array(scores) >= VERIFIED) >= 0.9
        assert np.median(scores) > 0.75

    def test_no_other_product(self, features: list[LocalFeatures]) -> None:
        scores = [match_points(*pair).score for pair in itertools.combinations(features, 2)]

        assert max(scores) < VERIFIED

    def test_a_mirrored_copy_only_as_far_as_it_is_its_own_mirror_image(
        self, products: list[Image.Image], features: list[LocalFeatures]
    ) -> None:
        turned, mirrored = (
            [
                match_points(mine, local_features(edit(image))).score
                for image, mine in zip(products, features, strict=True)
            ]
            for edit in (_turned, ImageOps.mirror)
        )

        assert np.median(mirrored) < np.median(turned) - 0.2

    def test_real_photographs(self, shared_photos) -> None:
        names = sorted((shared_photos / "luma" / "images").glob("*_main.jpg"))[::25]
        photos = [Image.open(path).convert("RGB") for path in names]
        found = [local_features(photo) for photo in photos]

        copies = [
            match_points(mine, local_features(_turned(photo))).score
            for photo, mine in zip(photos, found, strict=True)
        ]
        others = [match_points(*pair).score for pair in itertools.combinations(found, 2)]

        assert len(photos) >= 7
        assert min(copies) >= VERIFIED > max(others)

    def test_the_same_picture(self, features: list[LocalFeatures]) -> None:
        for each in features:
            match = match_points(each, each)

            assert match.inliers == match.matches
            assert match.score > 0.75


class TestNumbers:
    def test_matches_are_those_of_a_naive_search(self, features: list[LocalFeatures]) -> None:
        first, second = features[0], local_features(Image.new("RGB", (9, 9)))
        assert match_points(first, second).matches == 0

        second = features[1]
        left, right = (each.descriptors.astype(np.int64) for each in (first, second))
        expected = 0
        for number, descriptor in enumerate(left):
            distances = ((right - descriptor) ** 2).sum(axis=1)
            nearest, next_best = np.sort(distances)[:2]
            place = int(distances.argmin())
            back = ((left - right[place]) ** 2).sum(axis=1)
            if nearest < RATIO**2 * next_best and back.argmin() == number:
                expected += 1

        assert match_points(first, second).matches == expected > 0

    def test_inliers_are_the_places_that_agree(self) -> None:
        random = np.random.default_rng(3)
        descriptors = random.integers(0, 255, (60, 128)).astype(np.uint8)
        places = random.uniform(0, 300, (60, 2)).astype(np.float32)
        turn = 0.7 * np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
        moved = (places @ turn.T + [40, 10]).astype(np.float32)
        moved[45:] = random.uniform(1000, 2000, (15, 2))

        match = match_points(LocalFeatures(places, descriptors), LocalFeatures(moved, descriptors))

        assert (match.inliers, match.matches) == (45, 60)

    def test_features_that_all_fall_on_one_place_do_not_agree(self) -> None:
        random = np.random.default_rng(3)
        descriptors = random.integers(0, 255, (60, 128)).astype(np.uint8)
        places = random.uniform(0, 300, (60, 2)).astype(np.float32)
        heaped = (100 + places / 1000).astype(np.float32)

        match = match_points(LocalFeatures(places, descriptors), LocalFeatures(heaped, descriptors))

        assert (match.matches, match.score) == (60, 0.0)

    @pytest.mark.parametrize("matches", [8, 20, 300])
    def test_half_a_score_is_the_limit_of_brown_and_lowe(self, matches: int) -> None:
        for inliers in range(matches + 1):
            match = PointMatch(inliers, matches, (500, 500))
            assert (match.score > VERIFIED) == (inliers > 5.9 + 0.22 * matches)

    def test_the_score_rises_with_the_inliers(self) -> None:
        scores = [PointMatch(inliers, 100, (500, 500)).score for inliers in range(101)]

        assert scores == sorted(scores)
        assert scores[0] == 0.0
        assert 0.9 < scores[-1] < 1.0

    def test_again_and_at_once_it_is_the_same(self, products: list[Image.Image]) -> None:
        def work(image: Image.Image) -> tuple[bytes, PointMatch]:
            found, turned = local_features(image), local_features(_turned(image))
            return found.descriptors.tobytes(), match_points(found, turned)

        alone = [work(image) for image in products[:4]]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(work, products[:4] * 2))

        assert together == alone * 2


class TestBounds:
    @pytest.mark.parametrize("size", [(1, 1), (2, 200), (200, 2), (3000, 30), (64, 64)])
    def test_a_plain_picture_scores_nothing_and_says_why(self, size: tuple[int, int]) -> None:
        plain = local_features(Image.new("RGB", size, "white"))

        match = match_points(plain, plain)

        assert (match.inliers, match.score) == (0, 0.0)
        assert match.reason is not None
        assert match.reason.startswith("The first picture is too plain")

    def test_pictures_without_anything_in_common_say_so(
        self, features: list[LocalFeatures]
    ) -> None:
        match = next(
            match
            for pair in itertools.combinations(features, 2)
            if (match := match_points(*pair)).inliers == 0
        )

        assert match.score == 0.0
        assert match.reason == "No features of the two pictures agree in looks and in place."

    def test_a_busy_picture_is_cut_to_its_strongest(self) -> None:
        noise = np.random.default_rng(0).integers(0, 255, (1500, 1500, 3), dtype=np.uint8)

        found = local_features(Image.fromarray(noise).resize((150, 150)).resize((3000, 3000)))

        assert len(found) == MOST_FEATURES
        assert found.points.max() <= 320
