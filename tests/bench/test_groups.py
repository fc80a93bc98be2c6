"""Groups from end to end on a handful of pictures: real jobs, a real service, real models."""

from pathlib import Path

import pytest

from bench.embedding import embedding
from bench.indexing import indexing_with
from bench.measuring import Figure
from bench.searching import searching_with
from bench.setting import Setting, Sizes
from bench.work import Work
from embedding.model_names import CLASSIC
from tests.pictures import jpeg

SIZES = Sizes(
    indexed=20, peer_indexed=4, gallery=40, queries=20, vectors=0, repeats=2, load_s=0.5
)  # fmt: skip


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for number in range(20):
        (photographs / f"{number}.jpg").write_bytes(jpeg(number, size=(400, 300)))
    return Setting(Work(tmp_path / "work", photographs), SIZES, peer=None, say=lambda what: None)


def test_bulk_indexing_is_measured(setting: Setting) -> None:
    (figure,) = indexing_with(CLASSIC, setting)

    whole, limit = (_numbers(figure, name) for name in ("likeness_per_s", "limit_per_s"))
    assert len(whole) == len(limit) == SIZES.repeats
    ratios = [one / other for one, other in zip(whole, limit, strict=True)]
    assert figure.numbers["measured"] == pytest.approx(sum(ratios) / 2)


def test_embedding_is_measured_whole_and_by_parts(setting: Setting) -> None:
    small, classic, *bulk = embedding(setting)

    assert [figure.numbers["bound"] for figure in (small, classic)] == [6.0, 6.0]
    assert len(_numbers(small, "total_ms")) == SIZES.repeats
    parts = small.numbers["parts_ms"]
    assert isinstance(parts, dict)
    assert set(parts) == {"resizing", "network", "shades", "texture", "head"}
    assert [figure.numbers["unit"] for figure in bulk] == ["x", "x"]


def test_searches_are_measured(setting: Setting) -> None:
    against_limit, percentile = searching_with(CLASSIC, setting)

    assert against_limit.name == "one search over HTTP, classic, 40 pictures"
    assert percentile.numbers["unit"] == "x the median"
    stages = against_limit.numbers["stages_ms"]
    assert isinstance(stages, dict)
    assert {"decode", "embed", "nearest", "total"} <= stages.keys()


def test_what_was_made_is_not_made_again(setting: Setting) -> None:
    home = setting.work.catalogue(CLASSIC, 40)
    database = next(home.glob("*.db")).stat()
    picture = setting.work.large_pictures(20)[0].stat()

    assert setting.work.catalogue(CLASSIC, 40) == home
    assert next(home.glob("*.db")).stat().st_ino == database.st_ino
    assert setting.work.large_pictures(20)[0].stat().st_mtime_ns == picture.st_mtime_ns


def _numbers(figure: Figure, name: str) -> list[float]:
    numbers = figure.numbers[name]
    assert isinstance(numbers, list)
    return numbers
