from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from catalog.changes import Changes
from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import EmbeddingsMissing, ModelChanged
from catalog.products import Products
from catalog.records import CollectionRecord, ReleaseRecord
from catalog.releases import KEPT_RELEASES, NewRelease, Releases
from tests.catalog.making import FINGERPRINT, MODEL, make_collection, product, upsert

OTHER = "0" * 64


class TestPublish:
    def test_flips_the_collection_to_the_release(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))

        published = _publish(database, _release(sequence=2, count=2))

        assert reread("shop").release_id == published.id
        assert published.collection_id == collection.id
        with database.read() as connection:
            assert Releases(connection).find(published.id) == published
        assert (published.snapshot, published.count, published.agreement) == ("s2", 2, 0.998)

    @pytest.mark.usefixtures("collection")
    def test_pictures_the_model_has_not_seen_stop_it(
        self, database: Database, reread: Callable[[str], CollectionRecord]
    ) -> None:
        upsert(database, product("a", ["red"]))
        other = replace(_release(sequence=1), model_name="other", model_fingerprint=OTHER)

        with pytest.raises(EmbeddingsMissing, match="'other' has not embedded"):
            _publish(database, other)

        assert reread("shop").release_id is None
        assert reread("shop").model_fingerprint == FINGERPRINT

    @pytest.mark.usefixtures("collection")
    def test_another_model_comes_in_with_its_release(
        self, database: Database, reread: Callable[[str], CollectionRecord]
    ) -> None:
        upsert(database, product("a", ["red"]))
        _publish(database, _release(sequence=1))
        _embed_all(database, OTHER, dimension=6)
        other = replace(
            _release(sequence=1), model_name="other", model_fingerprint=OTHER, dimension=6
        )

        published = _publish(database, other)

        shop = reread("shop")
        assert (shop.model_name, shop.model_fingerprint, shop.dimension) == ("other", OTHER, 6)
        assert shop.release_id == published.id
        with database.write() as connection, pytest.raises(ModelChanged):
            Collections(connection).locked("shop", model_fingerprint=FINGERPRINT)

    def test_an_empty_collection_can_be_released(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        assert _publish(database, _release(sequence=0)).collection_id == collection.id


class TestForgottenChanges:
    def test_those_the_release_before_covered_go(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        upsert(database, product("a", ["red"]))
        _publish(database, _release(sequence=1))
        assert _told(database, collection) == [1]
        upsert(database, product("b", ["blue"]))
        upsert(database, product("c", ["green"]))

        _publish(database, _release(sequence=2))

        assert _told(database, collection) == [2, 3]
        assert reread("shop").forgotten_sequence == 1
        assert reread("shop").last_sequence == 3

    def test_an_older_snapshot_published_late_keeps_what_it_lacks(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        for name in "abcde":
            upsert(database, product(name, [name]))
        _publish(database, _release(sequence=4))

        _publish(database, _release(sequence=2))

        assert _told(database, collection) == [3, 4, 5]
        assert reread("shop").forgotten_sequence == 2

    def test_other_collections_keep_theirs(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        upsert(database, product("m", ["white"]), name="mugs")
        upsert(database, product("a", ["red"]))
        for _ in range(2):
            _publish(database, _release(sequence=1))

        assert _told(database, collection) == []
        assert _told(database, mugs) == [1]


class TestRetire:
    def test_keeps_the_newest_and_names_the_snapshots_of_the_rest(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        published = [_publish(database, _release(sequence=n)) for n in range(5)]

        with database.write() as connection:
            gone = Releases(connection).retire(collection.id)

        assert set(gone) == {"s0", "s1", "s2"}
        kept = published[-KEPT_RELEASES:]
        with database.read() as connection:
            releases = Releases(connection)
            assert releases.recent(collection.id) == kept[::-1]
            assert releases.recent(collection.id, limit=1) == [kept[-1]]
            assert releases.snapshots() == {"s3", "s4"}
            assert releases.find(published[0].id) is None
            assert releases.find(None) is None

    def test_nothing_to_retire(self, database: Database, collection: CollectionRecord) -> None:
        _publish(database, _release(sequence=0))

        with database.write() as connection:
            assert Releases(connection).retire(collection.id) == []


class TestSnapshots:
    def test_are_of_every_collection(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        make_collection(database, "mugs")
        _publish(database, _release(sequence=0))
        with database.write() as connection:
            locked = Collections(connection).locked("mugs")
            Releases(connection).publish(locked, replace(_release(sequence=0), snapshot="m0"))

        with database.read() as connection:
            assert Releases(connection).snapshots() == {"s0", "m0"}
            assert len(Releases(connection).recent(collection.id)) == 1


def _release(*, sequence: int, count: int = 1) -> NewRelease:
    return NewRelease(
        model_name=MODEL,
        model_fingerprint=FINGERPRINT,
        dimension=4,
        snapshot=f"s{sequence}",
        sequence=sequence,
        count=count,
        recipe="exact-fp16",
        agreement=0.998,
    )


def _publish(database: Database, release: NewRelease) -> ReleaseRecord:
    with database.write() as connection:
        return Releases(connection).publish(Collections(connection).locked("shop"), release)


def _embed_all(database: Database, fingerprint: str, *, dimension: int) -> None:
    with database.write() as connection:
        shop = Collections(connection).locked("shop")
        embeddings = Embeddings(connection)
        missing = embeddings.missing(shop.id, fingerprint, limit=1000)
        vector = np.full(dimension, dimension**-0.5, np.float32)
        embeddings.add(fingerprint, {image_id: vector for image_id, _ in missing})
        assert Products(connection).count(shop.id) >= 1


def _told(database: Database, collection: CollectionRecord) -> list[int]:
    with database.read() as connection:
        changes = Changes(connection).since(collection.id, 0, limit=1000)
    return [change.sequence for change in changes]
