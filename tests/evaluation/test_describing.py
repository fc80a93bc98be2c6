"""Descriptions are made once: by content, in files that a later run reads."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embedding.classic import ClassicEmbedder
from embedding.images import DecodeLimits
from evaluation.contenders import Contender, Description, Scorer
from evaluation.describing import Described, bytes_per_picture, describe, ms_per_picture
from evaluation.description_cache import DescriptionCache
from evaluation.models import EmbeddingModel
from evaluation.pictures import Picture
from tests.evaluation.making import picture
from tests.pictures import jpeg


class Counting:
    """The classic model, which counts how often it is asked."""

    name = "counting"
    bytes_per_picture = None

    def __init__(self, key: str = "counting") -> None:
        self.key = key
        self.asked = 0
        self._lock = threading.Lock()
        self._model = EmbeddingModel(ClassicEmbedder(), DecodeLimits())

    def describe(self, content: bytes) -> Description:
        with self._lock:
            self.asked += 1
        return self._model.describe(content)

    def index(self, gallery: Sequence[Description]) -> Scorer:
        return self._model.index(gallery)


@pytest.fixture
def cache(tmp_path: Path) -> DescriptionCache:
    return DescriptionCache(tmp_path / "cache")


@pytest.fixture
def pictures() -> list[Picture]:
    return [picture(str(each), jpeg(each)) for each in range(3)]


def described(
    contender: Contender, pictures: Sequence[Picture], cache: DescriptionCache, **known: Description
) -> Described:
    return describe(contender, pictures, cache, known=known, threads=2)


class TestDescribe:
    def test_gives_what_the_contender_gives_in_order(self, cache, pictures) -> None:
        contender = Counting()

        given = described(contender, pictures, cache).of(pictures)

        for each, description in zip(pictures, given, strict=True):
            assert np.array_equal(description, contender.describe(each.read()))

    def test_asks_once_for_a_content_and_never_again(self, cache, pictures) -> None:
        first = described(Counting(), [*pictures, picture("copy", jpeg(0))], cache)
        later = Counting()

        again = described(later, pictures, cache)

        assert later.asked == 0
        for ours, theirs in zip(again.of(pictures), first.of(pictures), strict=True):
            assert np.array_equal(ours, theirs)

    def test_another_key_is_another_contender(self, cache, pictures) -> None:
        described(Counting(), pictures, cache)
        other = Counting("counting, version 2")

        described(other, pictures, cache)

        assert other.asked == 3

    def test_describes_only_what_is_new_or_not_known(self, cache, pictures) -> None:
        contender = Counting()
        described(contender, pictures[:1], cache)
        stored = np.arange(4, dtype=np.float32)

        given = described(contender, pictures, cache, **{pictures[1].content_sha256: stored})

        assert contender.asked == 2
        assert given.of(pictures)[1] is stored

    def test_counts_what_cannot_be_read_and_goes_on(self, cache, pictures, tmp_path: Path) -> None:
        broken = picture("broken", jpeg(7)[:200])
        gone = Picture("gone", "0" * 64, (tmp_path / "gone.jpg").read_bytes)

        given = described(Counting(), [broken, *pictures, gone], cache)

        assert len(given.of(pictures)) == 3
        assert "cut short" in given.unreadable[broken.content_sha256]
        assert "No such file" in given.unreadable[gone.content_sha256]

    def test_measures_costs(self, cache, pictures) -> None:
        contender = Counting()
        given = described(contender, pictures, cache).of(pictures)

        assert ms_per_picture(contender, pictures) > 0.0
        assert bytes_per_picture(contender, given) == given[0].nbytes


class TestDescriptionCache:
    def test_keeps_tables_of_features_even_empty_ones(self, cache: DescriptionCache) -> None:
        tables = {
            letter * 64: np.arange(length * 3, dtype=np.uint8).reshape(length, 3)
            for letter, length in (("a", 2), ("b", 0), ("c", 5))
        }

        cache.add("points", tables)

        found = cache.read("points", set(tables))
        assert found.keys() == tables.keys()
        for content, table in tables.items():
            assert found[content].dtype == np.uint8
            assert np.array_equal(found[content], table)

    def test_passes_over_a_damaged_file(
        self, cache: DescriptionCache, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache.add("model", {"a" * 64: np.ones(3)})
        cache.add("model", {"b" * 64: np.ones(3)})
        first = next((tmp_path / "cache").rglob("*.npz"))
        first.write_bytes(first.read_bytes()[:100])

        found = cache.read("model", {"a" * 64, "b" * 64})

        assert len(found) == 1
        assert "damaged" in caplog.text
