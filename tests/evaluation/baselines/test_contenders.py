"""Baselines as contenders: what they rank first, and scores against naive recomputation."""

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist

from embedding.classic import ClassicEmbedder
from embedding.errors import PictureUnreadable
from embedding.images import DecodeLimits
from embedding.points import local_features, match_points
from evaluation.baselines.codes import BinaryCodes, PrincipalCodes, principal_components
from evaluation.baselines.colour_histogram import ColourHistogram
from evaluation.baselines.composite import Composite
from evaluation.baselines.distances import MinkowskiDistance
from evaluation.baselines.gabor_jets import GaborJets
from evaluation.baselines.mser_blobs import MserBlobs
from evaluation.baselines.naming import BASELINES, variant
from evaluation.baselines.points import PointMatching
from evaluation.contenders import Contender
from evaluation.errors import SourceInvalid
from evaluation.models import EmbeddingModel
from tests.pictures import drawn, encoded, jpeg

LIMITS = DecodeLimits()
PICTURES = 12


@pytest.fixture(scope="module")
def gallery() -> list[bytes]:
    return [jpeg(number) for number in range(PICTURES)]


@pytest.fixture(scope="module")
def copies() -> list[bytes]:
    """The same pictures, smaller and compressed once more."""
    return [
        encoded(drawn(number).resize((240, 180)), "JPEG", quality=70) for number in range(PICTURES)
    ]


@pytest.fixture
def model() -> EmbeddingModel:
    return EmbeddingModel(ClassicEmbedder(), LIMITS)


def scores(contender: Contender, gallery: list[bytes], queries: list[bytes]) -> np.ndarray:
    scorer = contender.index([contender.describe(each) for each in gallery])
    return scorer([contender.describe(each) for each in queries])


def vectors(seed: int, count: int, dimension: int) -> list[np.ndarray]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return list(rows / np.linalg.norm(rows, axis=1, keepdims=True))


class TestBaselines:
    @pytest.mark.parametrize("name", sorted(BASELINES))
    def test_finds_a_smaller_compressed_copy(
        self, name: str, gallery: list[bytes], copies: list[bytes]
    ) -> None:
        contender = BASELINES[name](LIMITS)

        found = scores(contender, gallery, copies)

        assert contender.name == name
        assert found.shape == (PICTURES, PICTURES)
        assert found.dtype == np.float32
        assert np.mean(found.argmax(axis=1) == np.arange(PICTURES)) >= 0.9

    @pytest.mark.parametrize("name", sorted(BASELINES))
    def test_plain_pictures_are_ranked_too(self, name: str, gallery: list[bytes]) -> None:
        plain = encoded(Image.new("RGB", (40, 30), "white"), "PNG")

        found = scores(BASELINES[name](LIMITS), [*gallery, plain], [plain])

        assert np.isfinite(found).all()

    @pytest.mark.parametrize("name", sorted(BASELINES))
    def test_what_is_no_picture_is_refused(self, name: str) -> None:
        with pytest.raises(PictureUnreadable):
            BASELINES[name](LIMITS).describe(jpeg(1)[:300])

    def test_keys_differ(self) -> None:
        keys = [make(LIMITS).key for make in BASELINES.values()]

        assert len(set(keys)) == len(keys)


class TestComposite:
    def test_scores_are_weighted_means_of_those_of_the_parts(self, gallery: list[bytes]) -> None:
        parts = [ColourHistogram(), GaborJets(), MserBlobs()]
        weights = np.array([5.0, 3.0, 2.0])
        alone = [
            scores(Composite("part", [(part, 1.0)], LIMITS), gallery, gallery) for part in parts
        ]

        joined = scores(
            Composite("all", list(zip(parts, weights, strict=True)), LIMITS), gallery, gallery
        )

        expected = np.tensordot(weights / weights.sum(), np.stack(alone), axes=1)
        np.testing.assert_allclose(joined, expected, atol=1e-5)

    def test_learns_from_other_pictures_when_there_are_any(self, gallery: list[bytes]) -> None:
        contender = Composite("words", [(GaborJets(), 1.0)], LIMITS)
        training = [contender.describe(jpeg(number)) for number in range(50, 62)]
        trained = Composite("words", [(GaborJets(), 1.0)], LIMITS, training)

        descriptions = [contender.describe(each) for each in gallery]
        # The vocabulary, and so the vectors, are those of the training pictures.
        np.testing.assert_array_equal(
            trained.fit(descriptions)(descriptions), contender.fit(training)(descriptions)
        )
        assert trained.key == contender.key

    @pytest.mark.parametrize("parts", [[], [(GaborJets(), 0.0)]])
    def test_needs_parts_with_weights(self, parts) -> None:
        with pytest.raises(ValueError, match="weight above 0"):
            Composite("none", parts, LIMITS)


class TestPointMatching:
    def test_scores_are_those_of_the_pairs(self) -> None:
        cells = np.random.default_rng(0).integers(0, 255, (3, 20, 20, 3), dtype=np.uint8)
        images = [Image.fromarray(each).resize((300, 300)) for each in cells]
        contents = [encoded(each, "PNG") for each in images]
        features = [local_features(each) for each in images]

        found = scores(PointMatching(LIMITS), contents, contents)

        expected = [[match_points(one, other).score for other in features] for one in features]
        np.testing.assert_array_equal(found, np.array(expected, dtype=np.float32))


class TestMinkowskiDistance:
    @pytest.mark.parametrize("p", [0.5, 0.8, 1.0, 2.0, 3.0])
    def test_is_that_of_scipy(self, p: float, model: EmbeddingModel) -> None:
        rows, queries = vectors(0, 40, 24), vectors(1, 7, 24)

        found = MinkowskiDistance(model, p).index(rows)(queries)

        left, right = np.stack(queries).astype(np.float64), np.stack(rows).astype(np.float64)
        np.testing.assert_allclose(-found, cdist(left, right, "minkowski", p=p), rtol=2e-5)

    def test_euclidean_ranks_unit_vectors_as_their_cosine(self, model: EmbeddingModel) -> None:
        rows, queries = vectors(0, 40, 24), vectors(1, 7, 24)

        by_distance = MinkowskiDistance(model, 2.0).index(rows)(queries)

        np.testing.assert_array_equal(
            by_distance.argsort(axis=1), model.index(rows)(queries).argsort(axis=1)
        )

    def test_shares_the_descriptions(self, model: EmbeddingModel) -> None:
        assert variant(model, "l0.5").key == variant(model, "pca16").key == model.key


class TestCodes:
    def test_principal_components_are_those_of_numpy(self) -> None:
        rows = np.stack(vectors(0, 200, 16)) * np.linspace(3, 0.3, 16, dtype=np.float32)
        queries = np.stack(vectors(1, 5, 16))
        _, _, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
        expected = np.abs((queries - rows.mean(axis=0)) @ axes[:4].T)

        found = principal_components(list(rows), 4)(list(queries))

        np.testing.assert_allclose(np.abs(found), expected, atol=1e-4)

    def test_all_components_keep_the_order_of_centred_vectors(self, model: EmbeddingModel) -> None:
        rows, queries = vectors(0, 60, 12), vectors(1, 5, 12)
        mean = np.mean(rows, axis=0)
        left, right = np.stack(queries) - mean, np.stack(rows) - mean
        norms = np.outer(np.linalg.norm(left, axis=1), np.linalg.norm(right, axis=1))

        found = PrincipalCodes(model, 12).index(rows)(queries)

        np.testing.assert_allclose(found, left @ right.T / norms, atol=1e-4)

    def test_bits_agree_as_counted_one_by_one(self, model: EmbeddingModel) -> None:
        rows = vectors(0, 60, 32)

        found = BinaryCodes(model, 16).index(rows)(rows)

        np.testing.assert_array_equal(np.diag(found), 1.0)
        np.testing.assert_array_equal(found, found.T)
        # Whole numbers of bits.
        np.testing.assert_array_equal(found * 16, np.rint(found * 16))
        # As the angle between vectors grows, so do the bits that differ.
        upper = np.triu_indices(60, 1)
        cosines = (np.stack(rows) @ np.stack(rows).T)[upper]
        assert np.corrcoef(found[upper], cosines)[0, 1] > 0.5

    def test_learn_from_other_pictures_when_there_are_any(self, model: EmbeddingModel) -> None:
        rows, training = vectors(0, 40, 16), vectors(5, 90, 16)

        for codes in (PrincipalCodes(model, 8, training), BinaryCodes(model, 8, training)):
            alone = codes.index(rows[:10])(rows[:3])
            beside = codes.index(rows)(rows[:3])[:, :10]
            np.testing.assert_allclose(alone, beside, atol=1e-6)

    @pytest.mark.parametrize("text", ["pca17", "bits24"])
    def test_longer_than_the_pictures_allow_is_refused(
        self, text: str, model: EmbeddingModel
    ) -> None:
        with pytest.raises(SourceInvalid, match="at most 16 principal components"):
            variant(model, text).index(vectors(0, 16, 20))


class TestNaming:
    @pytest.mark.parametrize(
        ("text", "name", "size"),
        [
            ("l0.5", "classic:l0.5", None),
            ("pca64", "classic:pca64", 256),
            ("bits128", "classic:bits128", 16),
        ],
    )
    def test_variants(self, text: str, name: str, size: int | None, model: EmbeddingModel) -> None:
        found = variant(model, text)

        assert found.name == name
        assert found.bytes_per_picture == (size or model.bytes_per_picture)

    @pytest.mark.parametrize("text", ["", "pca", "l", "l0", "bits12", "pca0", "cosine", "l-1"])
    def test_what_there_is_not_is_refused(self, text: str, model: EmbeddingModel) -> None:
        with pytest.raises(ValueError, match=r"there is no variant|must be"):
            variant(model, text)
