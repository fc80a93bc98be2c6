"""What the baselines see in a picture, against naive recomputation and against known pictures."""

import colorsys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from evaluation.baselines.colour_histogram import HSV_BINS, ColourHistogram, shares
from evaluation.baselines.gabor_jets import (
    ORIENTATIONS,
    SHARPNESSES,
    WAVELENGTHS,
    GaborJets,
)
from evaluation.baselines.mser_blobs import COLOUR_BINS, MserBlobs, hu_moments
from evaluation.baselines.visual_words import fit_words
from tests.pictures import drawn


def stripes(wavelength: float, turn: float) -> Image.Image:
    """A bright wave across a disc: corners at its rim and within."""
    y, x = np.mgrid[:200, :200]
    along = x * np.cos(turn) + y * np.sin(turn)
    wave = 128 + 100 * np.sin(2 * np.pi * along / wavelength)
    wave += np.random.default_rng(0).normal(0, 3, wave.shape)
    return Image.fromarray(np.clip(wave, 0, 255).astype(np.uint8)).convert("RGB")


class TestColourHistogram:
    def test_shares_are_those_of_a_naive_count(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
        bins, ranges = (3, 4, 5), ((0, 180), (60, 200), (0, 256))
        expected = np.zeros(bins)
        for pixel in pixels.reshape(-1, 3).tolist():
            place = []
            for value, count, (low, high) in zip(pixel, bins, ranges, strict=True):
                edges = [low + (high - low) * number / count for number in range(1, count)]
                place.append(sum(value >= edge for edge in edges))
            expected[tuple(place)] += 1

        found = shares(pixels, bins, ranges)

        assert found.sum() == pytest.approx(1.0)
        np.testing.assert_allclose(found, expected.ravel() / 63, rtol=1e-6)

    def test_hue_is_that_of_the_standard_library(self) -> None:
        colour = (30, 180, 90)
        table = ColourHistogram("hsv").table(Image.new("RGB", (10, 10), colour))
        hue, saturation, value = colorsys.rgb_to_hsv(*(each / 255 for each in colour))

        (place,) = np.flatnonzero(table[0])
        assert np.unravel_index(place, HSV_BINS) == tuple(
            int(part * count)
            for part, count in zip((hue, saturation, value), HSV_BINS, strict=True)
        )

    @pytest.mark.parametrize("space", ["hsv", "lab"])
    def test_the_inner_product_is_bhattacharyyas(self, space) -> None:
        part = ColourHistogram(space)
        tables = [part.table(drawn(number)) for number in (1, 2)]
        first, second = part.fit(tables)(tables)

        assert np.linalg.norm(first) == pytest.approx(1.0, abs=1e-6)
        left, right = (table[0].astype(np.float64) ** 2 for table in tables)
        assert first @ second == pytest.approx(np.sqrt(left * right).sum(), abs=1e-5)


class TestGaborJets:
    @pytest.mark.parametrize("orientation", [0, 2, 5])
    @pytest.mark.parametrize("wavelength", WAVELENGTHS[:3])
    def test_a_jet_is_strongest_where_the_stripes_are(
        self, orientation: int, wavelength: float
    ) -> None:
        part = GaborJets()
        jets = part.table(stripes(wavelength, np.pi * orientation / ORIENTATIONS))
        jets = jets.reshape(len(jets), ORIENTATIONS, len(WAVELENGTHS), len(SHARPNESSES))
        mean = jets.mean(axis=0).max(axis=2)

        assert len(jets) > 20
        assert np.unravel_index(mean.argmax(), mean.shape) == (
            orientation,
            WAVELENGTHS.index(wavelength),
        )

    def test_contrast_and_brightness_do_not_count(self) -> None:
        image = stripes(9.0, 0.4)
        paler = image.point(lambda value: value // 2 + 64)

        np.testing.assert_allclose(
            GaborJets().table(image).mean(axis=0), GaborJets().table(paler).mean(axis=0), atol=0.02
        )

    @pytest.mark.parametrize("size", [(1, 1), (2, 90), (80, 60)])
    def test_a_plain_picture_has_none(self, size: tuple[int, int]) -> None:
        assert GaborJets().table(Image.new("RGB", size, "red")).shape == (0, GaborJets.columns)


class TestMserBlobs:
    def test_hu_moments_are_those_of_a_naive_sum(self) -> None:
        places = np.array([(x, y) for x in range(30) for y in range(4 + x // 3)], dtype=np.int32)
        x, y = (places - places.mean(axis=0)).T

        def eta(p: int, q: int) -> float:
            return float((x**p * y**q).sum() / len(places) ** (1 + (p + q) / 2))

        found = hu_moments(places + np.array([50, 20], dtype=np.int32))

        assert found[0] == pytest.approx(eta(2, 0) + eta(0, 2), rel=1e-6)
        assert found[1] == pytest.approx(
            (eta(2, 0) - eta(0, 2)) ** 2 + 4 * eta(1, 1) ** 2, rel=1e-6
        )
        assert found[2] == pytest.approx(
            (eta(3, 0) - 3 * eta(1, 2)) ** 2 + (3 * eta(2, 1) - eta(0, 3)) ** 2, rel=1e-6
        )

    def test_finds_blobs_of_the_colours_there_are(self) -> None:
        image = Image.new("RGB", (200, 200), "white")
        canvas = ImageDraw.Draw(image)
        canvas.ellipse((20, 20, 80, 80), fill="navy")
        canvas.rectangle((110, 110, 180, 140), fill="darkred")

        rows = MserBlobs().table(image)

        colours = rows[:, : np.prod(COLOUR_BINS)]
        np.testing.assert_allclose((colours**2).sum(axis=1), 1.0, rtol=1e-5)
        assert len(np.unique(colours.argmax(axis=1))) >= 2

    @pytest.mark.parametrize("size", [(1, 1), (2, 90), (80, 60)])
    def test_a_plain_picture_has_none(self, size: tuple[int, int]) -> None:
        assert MserBlobs().table(Image.new("RGB", size, "red")).shape == (0, MserBlobs().columns)


class TestVisualWords:
    def test_vectors_are_naive_tf_idf(self) -> None:
        """Four far heaps of rows are four words, whatever k-means starts from."""
        random = np.random.default_rng(0)
        heaps = 100.0 * np.eye(4)
        used = [[0, 0, 1], [0, 2], [0, 3, 3, 3], [0, 1]] * 8
        gallery = [
            (heaps[words] + random.normal(0, 0.1, (len(words), 4))).astype(np.float32)
            for words in used
        ]
        expected = np.zeros((len(used), 4))
        for row, words in zip(expected, used, strict=True):
            for word in range(4):
                having = sum(word in each for each in used)
                row[word] = words.count(word) / len(words) * np.log(len(used) / having)
        expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-12)

        vectors = fit_words(gallery, 4)(gallery)

        # The words come in any order; what two pictures have in common does not depend on it.
        np.testing.assert_allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-5)

    def test_nothing_to_see_is_zero(self) -> None:
        empty = np.zeros((0, 3), np.float32)
        full = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)

        assert not fit_words([full, full + 1, empty], 4)([empty]).any()
        assert not fit_words([empty, empty], 4)([empty, empty]).any()

    def test_the_same_every_time(self) -> None:
        tables = list(np.random.default_rng(0).normal(size=(9, 40, 5)).astype(np.float32))

        np.testing.assert_array_equal(fit_words(tables, 16)(tables), fit_words(tables, 16)(tables))
