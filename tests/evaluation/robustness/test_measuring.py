"""Figures of the trials against a naive recomputation, and what the sample holds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from embedding.classic import ClassicEmbedder
from embedding.images import DecodeLimits, decode
from evaluation.errors import ContenderBroken, NothingToMeasure
from evaluation.models import EmbeddingModel
from evaluation.pictures import PictureSet
from evaluation.robustness.effects import FactorPair, measure_effects
from evaluation.robustness.measuring import found_first, measure, share_below
from evaluation.robustness.results import Robustness
from evaluation.robustness.scales import Scale
from evaluation.robustness.subjects import sample
from evaluation.robustness.transforms import changes
from evaluation.watching import Unwatched
from tests.evaluation.making import Given, picture, picture_set
from tests.pictures import encoded, jpeg

CLASSIC = ClassicEmbedder()
SEED = 7


def shop() -> PictureSet:
    """Six pictures of four products; the last one is not before white."""
    grey = encoded(Image.new("RGB", (64, 64), (90, 90, 90)), "PNG")
    return picture_set(
        {"product_id": ["a", "a", "b", "c", "", ""]},
        contents=[*(jpeg(number) for number in (0, 1, 3, 4, 5)), grey],
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Robustness:
    chosen = sample(shop(), limit=10, seed=SEED, limits=DecodeLimits(), threads=2)
    return measure(
        chosen,
        [],
        changes(["rotation", "occlusion", "background"], quick=True),
        [(EmbeddingModel(CLASSIC, DecodeLimits()), Scale("cosine", 0.8))],
        seed=SEED,
        cache_root=tmp_path_factory.mktemp("cache"),
        threads=2,
        watch=Unwatched(),
    )


class TestMeasure:
    @pytest.mark.parametrize("number", [0, 1])
    def test_agrees_with_a_naive_recomputation(self, found: Robustness, number: int) -> None:
        result = found.contenders[0].changes[number]
        subjects = found.sample.subjects
        originals = CLASSIC.embed([each.scene().image for each in subjects])
        changed = CLASSIC.embed(
            [decode(each.changed(result.change, SEED).read()).image for each in subjects]
        )
        products = [each.product for each in subjects]
        own = [float((1 + changed[n] @ originals[n]) / 2) for n in range(6)]
        unrelated = [
            float((1 + changed[n] @ originals[m]) / 2)
            for n in range(6)
            for m in range(6)
            if n != m and not (products[n] and products[n] == products[m])
        ]
        first = [int(np.argmax(originals @ changed[n])) == n for n in range(6)]

        assert len(unrelated) == 28
        assert result.pictures == 6
        assert result.similarity is not None
        assert result.similarity.mean == pytest.approx(np.mean(own), abs=1e-5)
        assert result.above == pytest.approx(np.mean(np.array(own) >= 0.8))
        assert result.unrelated == pytest.approx(np.mean(unrelated), abs=1e-5)
        truth = [1] * len(own) + [0] * len(unrelated)
        assert result.separation.mean == pytest.approx(roc_auc_score(truth, own + unrelated))
        assert result.found.mean == pytest.approx(np.mean(first))

    def test_a_background_changes_only_where_it_is_known(self, found: Robustness) -> None:
        behind = found.contenders[0].changes[2]
        assert behind.change.transform.name == "background"
        assert behind.pictures == 5
        assert found.skipped == {"background": ("picture 5",)}

    def test_no_picture_that_can_be_changed_is_refused(
        self, found: Robustness, tmp_path: Path
    ) -> None:
        plain = tuple(replace(each, separable=False) for each in found.sample.subjects)
        asked = changes(["background"], quick=True)
        with pytest.raises(NothingToMeasure, match="other transforms than background"):
            measure(
                replace(found.sample, subjects=plain), [], asked,
                [(EmbeddingModel(CLASSIC, DecodeLimits()), Scale("cosine", 0.8))],
                seed=SEED, cache_root=tmp_path, threads=1, watch=Unwatched(),
            )  # fmt: skip

    def test_is_the_same_from_kept_descriptions(self, found: Robustness, tmp_path: Path) -> None:
        model = EmbeddingModel(CLASSIC, DecodeLimits())
        asked = [each.change for each in found.contenders[0].changes]
        results = [
            measure(
                found.sample, [], asked, [(model, Scale("cosine", 0.8))],
                seed=SEED, cache_root=tmp_path, threads=2, watch=Unwatched(),
            )
            for _ in range(2)
        ]  # fmt: skip
        for each in results:
            assert each.contenders[0].changes == found.contenders[0].changes

    def test_distances_are_ranked_and_not_read_as_similarities(
        self, found: Robustness, tmp_path: Path
    ) -> None:
        class Far(EmbeddingModel):
            def index(self, gallery):  # type: ignore[no-untyped-def]
                score = super().index(gallery)
                return lambda queries: score(queries) - 1.0

        asked = changes(["rotation"], quick=True)
        result = measure(
            found.sample, [], asked, [(Far(CLASSIC, DecodeLimits()), Scale("distance", None))],
            seed=SEED, cache_root=tmp_path, threads=2, watch=Unwatched(),
        ).contenders[0].changes[0]  # fmt: skip
        assert (result.similarity, result.above, result.unrelated) == (None, None, None)
        assert result.found == found.contenders[0].changes[0].found


class TestMeasures:
    def test_separation_is_the_area_under_the_curve(self) -> None:
        random = np.random.default_rng(1)
        own = random.integers(3, 9, 40).astype(np.float32)
        unrelated = random.integers(0, 7, 300).astype(np.float32)
        truth = [1] * 40 + [0] * 300
        expected = roc_auc_score(truth, np.concatenate([own, unrelated]))
        assert share_below(own, unrelated).mean() == pytest.approx(expected)

    def test_an_equal_score_is_not_first(self) -> None:
        scores = np.array([[2, 1, 0], [3, 3, 0], [0, 5, 4]], dtype=np.float32)
        assert found_first(scores, np.array([0, 1, 2])).tolist() == [1.0, 0.0, 0.0]
        assert found_first(scores, np.array([0, 0, 1])).tolist() == [1.0, 0.0, 1.0]


class TestEffects:
    PAIRS = tuple(
        FactorPair(effect, effect, picture(str(2 * n)), picture(str(2 * n + 1)))
        for n, effect in enumerate(["logo", "logo", "colour", "colour"])
    )

    def measured(self, own: list[float], other: float):  # type: ignore[no-untyped-def]
        scores = np.full((8, 8), other, dtype=np.float32)
        for n, score in enumerate(own):
            scores[2 * n + 1, 2 * n] = score
        contender = Given(scores)
        firsts = [np.array([2 * n]) for n in range(4)]
        seconds = [np.array([2 * n + 1]) for n in range(4)]
        scale = Scale("share", 0.8)
        return measure_effects(self.PAIRS, contender, scale, firsts, seconds)

    def test_counts_how_far_a_change_carries_a_picture(self) -> None:
        colour, logo = self.measured([0.9, 1.0, 0.6, 0.8], other=0.5)
        assert (colour.effect, logo.effect) == ("colour", "logo")
        assert colour.similarity.mean == pytest.approx(0.7)
        assert colour.way.mean == pytest.approx(0.3 / 0.5)
        assert (colour.way.low, colour.way.high) == pytest.approx((0.4, 0.8))
        assert (colour.above, logo.above) == (0.5, 1.0)
        assert logo.way.mean == pytest.approx(0.05 / 0.5)
        assert [colour.pairs, logo.pairs] == [2, 2]

    def test_refuses_what_finds_everything_equal(self) -> None:
        with pytest.raises(ContenderBroken, match="the highest score"):
            self.measured([1.0] * 4, other=1.0)


class TestSample:
    def test_draws_by_seed_and_in_order(self) -> None:
        names = []
        for seed in (1, 1, 2):
            chosen = sample(shop(), limit=3, seed=seed, limits=DecodeLimits(), threads=2)
            names.append([each.picture.name for each in chosen.subjects])
        assert names[0] == names[1] != names[2]
        assert all(each == sorted(each) and len(each) == 3 for each in names)

    def test_equal_contents_count_once_and_the_unreadable_are_listed(self) -> None:
        pictures = picture_set(
            {"product_id": ["a", "b", "b", "c"]},
            contents=[jpeg(1), jpeg(2), jpeg(2), b"no picture"],
        )
        chosen = sample(pictures, limit=10, seed=0, limits=DecodeLimits(), threads=2)
        assert len(chosen.subjects) == 2
        assert list(chosen.unreadable) == ["picture 3"]

    def test_one_product_alone_is_refused(self) -> None:
        pictures = picture_set({"product_id": ["a", "a"]}, contents=[jpeg(1), jpeg(2)])
        with pytest.raises(NothingToMeasure, match="two products"):
            sample(pictures, limit=10, seed=0, limits=DecodeLimits(), threads=2)
