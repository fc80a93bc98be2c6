"""Staying in step with the database: live changes, releases, damage."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from catalog.collections import Collections
from catalog.embeddings import Embeddings
from catalog.errors import CollectionUnknown, ModelChanged
from catalog.releases import Releases
from embedding.card import ModelCard
from retrieval.assembly import Engine, assemble
from retrieval.errors import ModelMismatch
from retrieval.home import Home
from retrieval.queries import PictureQuery
from tests.pictures import jpeg


def found(engine: Engine, number: int) -> list[str]:
    """What the engine finds after its next look at the database."""
    engine.follower.refresh()
    answer = engine.searching.search("default", [PictureQuery(jpeg(number))], limit=100)
    return [hit.product.external_id for hit in answer.hits[0]]


def publish(engine: Engine) -> None:
    engine.publisher.publish("default", engine.home.models.get("classic").card)


class TestLiveChanges:
    def test_upserts_and_deletes_arrive_without_a_release(
        self, engine: Engine, put, remove
    ) -> None:
        put("p0", jpeg(0))
        assert found(engine, 0) == ["p0"]

        put("p1", jpeg(1))
        assert found(engine, 1)[0] == "p1"

        remove("p0")
        assert found(engine, 0) == ["p1"]

    def test_arrive_on_top_of_a_release(self, engine: Engine, put, remove) -> None:
        for number in range(5):
            put(f"p{number}", jpeg(number))
        publish(engine)
        assert found(engine, 3)[0] == "p3"

        put("p3", jpeg(30))
        put("p9", jpeg(9))
        remove("p0")

        assert found(engine, 30)[0] == "p3"
        assert found(engine, 9)[0] == "p9"
        assert "p0" not in found(engine, 0)

    def test_another_engine_over_the_same_home_sees_them(self, engine: Engine, put, home) -> None:
        with Home(home.settings) as elsewhere:
            other = assemble(elsewhere)
            assert found(other, 0) == []
            put("p0", jpeg(0))
            assert found(other, 0) == ["p0"]

    def test_a_deleted_collection_is_let_go(self, engine: Engine, put, home) -> None:
        put("p0", jpeg(0))
        assert found(engine, 0) == ["p0"]
        with home.database.write() as connection:
            Collections(connection).delete("default")
        home.ensure_collection("default")

        assert found(engine, 0) == []

    def test_more_changes_than_are_read_at_once(
        self, engine: Engine, put, remove, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("retrieval.following.CHANGES_AT_ONCE", 3)
        for number in range(10):
            put(f"p{number}", jpeg(number))
        for number in range(0, 10, 2):
            remove(f"p{number}")
        put("p4", jpeg(44))

        assert sorted(found(engine, 44)) == ["p1", "p3", "p4", "p5", "p7", "p9"]

    def test_a_follower_that_slept_through_forgotten_changes(
        self, engine: Engine, put, remove, home
    ) -> None:
        with Home(home.settings) as elsewhere:
            sleeper = assemble(elsewhere)
            put("p0", jpeg(0))
            assert found(sleeper, 0) == ["p0"]
            for number in range(1, 5):
                put(f"p{number}", jpeg(number))
                publish(engine)
            remove("p0")

            assert sorted(found(sleeper, 1)) == ["p1", "p2", "p3", "p4"]


class TestReleases:
    def test_carries_what_it_was_made_of(self, engine: Engine, put) -> None:
        for number in range(4):
            put(f"p{number}", jpeg(number))
        publish(engine)
        engine.follower.refresh()

        release = engine.searching.search("default", [PictureQuery(jpeg(0))]).release

        assert release is not None
        assert (release.count, release.model_name, release.agreement) == (4, "classic", 1.0)

    def test_only_the_newest_two_are_kept(self, engine: Engine, put, home) -> None:
        for number in range(5):
            put(f"p{number}", jpeg(number))
            publish(engine)

        folders = sorted(path.name for path in (home.snapshots / "1").iterdir())

        with home.database.read() as connection:
            kept = Releases(connection).recent(1)
        assert sorted(Path(release.snapshot).name for release in kept) == folders
        assert len(folders) == 2

    def test_one_of_a_collection_made_anew_meanwhile_is_given_up(
        self, engine: Engine, put, home: Home
    ) -> None:
        put("p0", jpeg(0))

        def make_anew(stage: str) -> None:
            if stage == "publishing":
                with home.database.write() as connection:
                    Collections(connection).delete("default")
                home.ensure_collection("default")

        with pytest.raises(CollectionUnknown, match="made anew"):
            engine.publisher.publish(
                "default", engine.home.models.get("classic").card, on_stage=make_anew
            )

        with home.database.read() as connection:
            assert Collections(connection).get("default").release_id is None
        assert not list(home.snapshots.glob("*/*"))
        put("p1", jpeg(1))
        assert found(engine, 1) == ["p1"]

    def test_what_a_killed_publisher_left_is_cleared_away(
        self, engine: Engine, put, home: Home
    ) -> None:
        put("p0", jpeg(0))
        publish(engine)
        (kept,) = home.snapshots.glob("*/*")
        left = kept.with_name("000000000001-left")
        of_a_deleted_collection = home.snapshots / "99" / "000000000001-left"
        being_published = kept.with_name("000000000002-new")
        for folder in (left, of_a_deleted_collection, being_published):
            shutil.copytree(kept, folder)
        for folder in (left, of_a_deleted_collection, kept):
            os.utime(folder, (0, 0))

        publish(engine)

        assert kept.exists()
        assert being_published.exists()
        assert not left.exists()
        assert not of_a_deleted_collection.exists()

    def test_an_empty_collection_can_be_released(self, engine: Engine) -> None:
        publish(engine)

        assert found(engine, 0) == []

    def test_queries_never_meet_a_half_made_change(self, engine: Engine, put) -> None:
        for number in range(8):
            put(f"p{number}", jpeg(number))
        publish(engine)
        engine.follower.refresh()
        stop = threading.Event()
        wrong: list[object] = []

        def ask() -> None:
            while not stop.is_set():
                answer = engine.searching.search("default", [PictureQuery(jpeg(2))], limit=8)
                names = [hit.product.external_id for hit in answer.hits[0]]
                if names[0] != "p2" or len(names) != 8:
                    wrong.append(names)

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        for _ in range(5):
            publish(engine)
            engine.follower.refresh()
        stop.set()
        for thread in asking:
            thread.join()

        assert wrong == []


class TestDamagedSnapshot:
    @pytest.fixture
    def snapshot(self, engine: Engine, put, home) -> Path:
        for number in range(6):
            put(f"p{number}", jpeg(number))
        publish(engine)
        with home.database.read() as connection:
            release = Releases(connection).recent(1)[0]
        return home.snapshots / release.snapshot

    @pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
    def test_is_rebuilt_from_the_database(
        self, engine: Engine, snapshot: Path, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        index = snapshot / "index.faiss"
        if damage == "missing":
            shutil.rmtree(snapshot)
        elif damage == "truncated":
            index.write_bytes(index.read_bytes()[:-50])
        else:
            content = bytearray(index.read_bytes())
            content[-10] ^= 0xFF
            index.write_bytes(content)

        assert found(engine, 4)[0] == "p4"
        assert len(found(engine, 4)) == 6
        assert "Rebuilding" in caplog.text

    def test_that_cannot_be_written_again_is_served_from_memory(
        self, engine: Engine, snapshot: Path, home, caplog: pytest.LogCaptureFixture
    ) -> None:
        # A file where the folder should be: whoever we are, nothing can be written there.
        shutil.rmtree(home.snapshots)
        home.snapshots.write_text("in the way")

        assert found(engine, 4)[0] == "p4"
        assert "could not be written" in caplog.text


class TestModels:
    def test_another_version_of_the_model_is_refused(self, engine: Engine, put, home) -> None:
        put("p0", jpeg(0))
        with home.database.write() as connection:
            connection.exec_driver_sql("UPDATE collection SET model_fingerprint = 'older'")

        with pytest.raises(ModelMismatch, match="likeness reindex"):
            engine.follower.served("default")

    def test_trouble_is_told_and_the_old_answer_kept(self, engine: Engine, put, home) -> None:
        put("p0", jpeg(0))
        assert found(engine, 0) == ["p0"]
        with home.database.write() as connection:
            connection.exec_driver_sql("UPDATE collection SET model_fingerprint = 'newer'")

        assert found(engine, 0) == ["p0"]
        assert "reindex" in engine.follower.troubles()["default"]

    def test_trouble_is_over_when_the_collection_opens(self, engine: Engine, put, home) -> None:
        put("p0", jpeg(0))
        fingerprint = home.models.get("classic").card.fingerprint
        with home.database.write() as connection:
            connection.exec_driver_sql("UPDATE collection SET model_fingerprint = 'older'")
        engine.follower.open_all()
        assert set(engine.follower.troubles()) == {"default"}

        with home.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE collection SET model_fingerprint = '{fingerprint}'")

        assert found(engine, 0) == ["p0"]
        assert engine.follower.troubles() == {}

    def test_trouble_goes_with_its_collection(self, engine: Engine, home) -> None:
        with home.database.write() as connection:
            connection.exec_driver_sql("UPDATE collection SET model_fingerprint = 'older'")
        engine.follower.open_all()
        with home.database.write() as connection:
            Collections(connection).delete("default")

        engine.follower.refresh()

        assert engine.follower.troubles() == {}

    def test_what_nobody_foresaw_stops_one_collection_only(
        self, engine: Engine, put, home, caplog: pytest.LogCaptureFixture
    ) -> None:
        home.ensure_collection("mugs")
        for collection in ("default", "mugs"):
            put("p0", jpeg(0), collection=collection)
            engine.follower.served(collection)
        put("p1", jpeg(1))
        put("p1", jpeg(1), collection="mugs")
        with home.database.write() as connection:
            # The vector of p1 in the first collection, cut short; that in the other is whole.
            connection.exec_driver_sql("UPDATE embedding SET vector = x'00' WHERE image_id = 3")

        for _ in range(2):
            engine.follower.refresh()

        assert set(engine.follower.troubles()) == {"default"}
        assert engine.follower.served("mugs").sequence == 2
        (told,) = [each for each in caplog.records if "not up to date" in each.message]
        assert told.exc_info is not None

    def test_a_flip_takes_model_and_index_together(self, engine: Engine, put, home) -> None:
        """A second model made beside the first: the same vectors under another fingerprint."""
        put("p0", jpeg(0))
        put("p1", jpeg(1))
        publish(engine)
        assert found(engine, 0)[0] == "p0"
        card = home.models.get("classic").card
        other = _renamed(card)
        with home.database.write() as connection:
            ids, vectors = Embeddings(connection).all(1, card.fingerprint, card.dimension)
            swapped = dict(zip(ids.tolist(), np.ascontiguousarray(vectors[::-1]), strict=True))
            Embeddings(connection).add(other.fingerprint, swapped)
        with pytest.raises(ModelChanged):
            engine.publisher.publish("default", other)
        engine.publisher.publish("default", other, flip_model=True)

        engine.follower.refresh()

        # The other model is not installed here: what was being served goes on, and it is said.
        assert "default" in engine.follower.troubles()
        answer = engine.searching.search("default", [PictureQuery(jpeg(0))])
        assert answer.model_fingerprint == card.fingerprint
        assert answer.hits[0][0].product.external_id == "p0"


def _renamed(card: ModelCard) -> ModelCard:
    return card.model_copy(update={"name": "other", "revision": "other"})
