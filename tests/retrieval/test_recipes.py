"""Releases of a collection that is large enough for clusters; here twenty pictures are."""

import os
import threading
from functools import partial
from pathlib import Path

import pytest

from catalog.records import ReleaseRecord
from catalog.releases import Releases
from retrieval.assembly import Engine
from retrieval.home import Home
from retrieval.queries import PictureQuery
from tests.pictures import jpeg
from vector_index.errors import SnapshotTorn
from vector_index.recipes import build_index

PICTURES = 20


@pytest.fixture(autouse=True)
def clustered_early(monkeypatch: pytest.MonkeyPatch) -> None:
    early = partial(build_index, exact_up_to=1, fewest_clustered=1)
    monkeypatch.setattr("retrieval.releases.build_index", early)
    # Among so few pictures every cluster has to be looked into.
    monkeypatch.setattr("vector_index.plan.MOST_WORTHWHILE", 1.0)


@pytest.fixture
def release(engine: Engine, put, home: Home) -> ReleaseRecord:
    for number in range(PICTURES):
        put(f"p{number}", jpeg(number))
    engine.publisher.publish("default", engine.home.models.get("classic").card)
    with home.database.read() as connection:
        return Releases(connection).recent(1)[0]


def found(engine: Engine, number: int) -> list[str]:
    answer = engine.searching.search("default", [PictureQuery(jpeg(number))], limit=100)
    return [hit.product.external_id for hit in answer.hits[0]]


def test_the_release_says_what_it_is_and_what_it_is_worth(release: ReleaseRecord) -> None:
    assert release.recipe == "pca384-ivf8-sq8"
    assert release.agreement == 1.0


def test_changes_after_the_release_are_found(
    engine: Engine, release: ReleaseRecord, put, remove
) -> None:
    put("p3", jpeg(300))
    put("new", jpeg(301))
    remove("p0")
    engine.follower.refresh()

    assert found(engine, 300)[0] == "p3"
    assert found(engine, 301)[0] == "new"
    assert found(engine, 5)[0] == "p5"
    assert sorted(found(engine, 0)) == sorted(
        ["new", *(f"p{number}" for number in range(1, PICTURES))]
    )


def test_a_file_of_rows_cut_short_is_mended_while_it_serves(
    engine: Engine, release: ReleaseRecord, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    assert found(engine, 4)[0] == "p4"
    os.truncate(home.snapshots / release.snapshot / "vectors.f16", 1_000)
    with pytest.raises(SnapshotTorn, match=r"vectors\.f16, 1000 bytes"):
        found(engine, 4)

    engine.follower.refresh()

    assert found(engine, 4)[0] == "p4"
    assert len(found(engine, 4)) == PICTURES
    assert "Rebuilding" in caplog.text
    assert engine.follower.troubles() == {}


def test_many_ask_while_releases_change(engine: Engine, release: ReleaseRecord) -> None:
    wrong: list[object] = []
    stop = threading.Event()

    def ask(number: int) -> None:
        while not stop.is_set():
            names = found(engine, number)
            if names[0] != f"p{number}" or len(names) != PICTURES:
                wrong.append(names)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in asking:
        thread.start()
    for _ in range(3):
        engine.publisher.publish("default", engine.home.models.get("classic").card)
        engine.follower.refresh()
    stop.set()
    for thread in asking:
        thread.join()
    assert wrong == []


def test_the_snapshot_of_an_exact_release_still_opens(
    engine: Engine, release: ReleaseRecord, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(engine, 2)[0] == "p2"
    monkeypatch.setattr("retrieval.releases.build_index", build_index)
    exact = engine.publisher.publish("default", engine.home.models.get("classic").card)
    engine.follower.refresh()

    assert exact.recipe == "exact-fp16"
    assert sorted(path.name for path in Path(home.snapshots / exact.snapshot).iterdir()) == [
        "ids.npy",
        "index.faiss",
        "manifest.json",
    ]
    assert found(engine, 2)[0] == "p2"
