"""Any history of upserts and deletes, checked against a dict; and many writers at once."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.changes import ChangeRecord, Changes
from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.products import Products
from catalog.records import CollectionRecord
from tests.catalog.making import (
    DIMENSION,
    FINGERPRINT,
    make_collection,
    product,
    sha,
    upsert,
    vector_of,
)

NAMES = ("a", "b", "c", "d")
CONTENTS = ("red", "blue", "green", "white", "black")

_contents = st.lists(st.sampled_from(CONTENTS), max_size=4)
_upserts = st.dictionaries(st.sampled_from(NAMES), st.none() | _contents, min_size=1, max_size=3)
_deletes = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)
_histories = st.lists(_upserts | _deletes, min_size=1, max_size=12)


_numbers = count(1)


@dataclass
class Model:
    """What the catalogue should hold: product -> contents in order."""

    products: dict[str, list[str]] = field(default_factory=dict)

    def upsert(self, batch: dict[str, list[str] | None]) -> None:
        for name, contents in batch.items():
            if contents is not None:
                self.products[name] = list(dict.fromkeys(contents))
            else:
                self.products.setdefault(name, [])

    def delete(self, names: list[str]) -> None:
        for name in names:
            self.products.pop(name, None)


class TestAnyHistory:
    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(history=_histories)
    def test_ends_in_what_a_dict_holds_and_can_be_replayed(
        self,
        database: Database,
        history: list[dict[str, list[str] | None] | list[str]],
    ) -> None:
        name = f"shop-{next(_numbers)}"
        shop = make_collection(database, name)
        model = Model()
        for step in history:
            if isinstance(step, dict):
                model.upsert(step)
                upsert(database, *(product(each, step[each]) for each in step), name=name)
            else:
                model.delete(step)
                with database.write() as connection:
                    Products(connection).delete(Collections(connection).locked(name), step)

        assert _held(database, shop) == {
            product_name: [sha(content) for content in contents]
            for product_name, contents in model.products.items()
        }
        ids, vectors = _current(database, shop)
        replayed = _replay(database, _all_changes(database, shop))
        assert sorted(replayed) == ids
        for image_id, vector in zip(ids, vectors, strict=True):
            np.testing.assert_array_equal(replayed[image_id], vector)
        wanted = sorted(
            vector_of(content).tolist() for each in model.products.values() for content in each
        )
        assert sorted(vector.tolist() for vector in vectors) == wanted


class TestManyWriters:
    def test_lose_nothing_and_followers_see_every_change_in_order(self, database_url: str) -> None:
        database = Database(database_url)
        shop = make_collection(database, "shop")
        done = threading.Event()
        followed: list[ChangeRecord] = []
        follower = threading.Thread(target=_follow, args=(database_url, shop, done, followed))
        follower.start()

        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda writer: _write_some(database, writer), range(8)))
        finally:
            done.set()
            follower.join()

        written = [change.sequence for change in followed]
        assert written == list(range(1, len(written) + 1))
        assert followed == _all_changes(database, shop)
        with database.read() as connection:
            assert Collections(connection).get("shop").last_sequence == len(written)
        held = _held(database, shop)
        assert held == {
            **{
                f"w{writer}-{turn}": [sha(f"{writer} {turn}")]
                for writer in range(8)
                for turn in range(6)
            },
            "everyone's": held["everyone's"],
        }
        assert len(held["everyone's"]) == 1
        assert sorted(_replay(database, followed)) == _current(database, shop)[0]
        database.close()

    def test_writers_of_two_collections_do_not_wait_for_each_other_on_a_server(
        self, database_url: str
    ) -> None:
        database = Database(database_url)
        if database.is_sqlite:
            pytest.skip("SQLite has one writer at a time")
        make_collection(database, "shop")
        make_collection(database, "mugs")

        with database.write() as connection:
            Products(connection).upsert(Collections(connection).locked("shop"), [product("a")])
            upsert(database, product("m", ["white"]), name="mugs")
        database.close()


def _write_some(database: Database, writer: int) -> None:
    chance = random.Random(writer)
    for turn in range(6):
        batch = [
            product(f"w{writer}-{turn}", [f"{writer} {turn}"]),
            product("everyone's", [f"everyone's {writer} {turn}"]),
        ]
        chance.shuffle(batch)
        upsert(database, *batch)


def _follow(
    url: str, shop: CollectionRecord, done: threading.Event, followed: list[ChangeRecord]
) -> None:
    database = Database(url)
    while True:
        last = done.is_set()
        position = followed[-1].sequence if followed else 0
        with database.read() as connection:
            followed += Changes(connection).since(shop.id, position, limit=7)
        # A follower that never pauses would keep the writers' threads from running at all.
        done.wait(0.005)
        if last and (not followed or followed[-1].sequence == position):
            break
    database.close()


def _all_changes(database: Database, shop: CollectionRecord) -> list[ChangeRecord]:
    with database.read() as connection:
        return Changes(connection).since(shop.id, 0, limit=100_000)


def _replay(database: Database, changes: Sequence[ChangeRecord]) -> dict[int, list[float]]:
    """image id -> vector, as a follower who reads embeddings when told would end up with."""
    held: dict[int, list[float]] = {}
    for change in changes:
        if change.kind == "delete":
            del held[change.image_id]
        else:
            held[change.image_id] = []
    with database.read() as connection:
        vectors = Embeddings(connection).of_images(list(held), FINGERPRINT)
    return {image_id: vectors[image_id].tolist() for image_id in held}


def _current(database: Database, shop: CollectionRecord) -> tuple[list[int], NDArray[np.float32]]:
    with database.read() as connection:
        ids, vectors = Embeddings(connection).all(shop.id, FINGERPRINT, DIMENSION)
    return ids.tolist(), vectors


def _held(database: Database, shop: CollectionRecord) -> dict[str, list[str]]:
    with database.read() as connection:
        page = Products(connection).page(shop.id, limit=1000)
    return {each.external_id: [image.content_sha256 for image in each.images] for each in page}
