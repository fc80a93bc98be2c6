import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings, vector_bytes
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

OTHER = "0" * 64


class TestVectorBytes:
    def test_is_float32_little_endian(self) -> None:
        vector = np.array([1.0, -2.5, 3e-8], dtype=">f4").astype(np.float32)

        stored = vector_bytes(vector, 3)

        assert np.frombuffer(stored, "<f4").tolist() == vector.tolist()

    @pytest.mark.parametrize(
        "vector", [[1.0, 2.0], [1.0, 2.0, np.nan], [np.inf, 0.0, 0.0], [[1.0, 2.0, 3.0]]]
    )
    def test_refuses_what_is_no_vector_of_the_model(self, vector: list[float]) -> None:
        with pytest.raises(ValueError, match="expected a finite vector of 3"):
            vector_bytes(np.array(vector, np.float32), 3)


class TestAll:
    def test_of_nothing_is_empty(self, database: Database, collection: CollectionRecord) -> None:
        with database.read() as connection:
            ids, vectors = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)

        assert ids.shape == (0,)
        assert ids.dtype == np.int64
        assert vectors.shape == (0, DIMENSION)
        assert vectors.dtype == np.float32

    def test_is_of_one_collection_and_one_model_by_ascending_id(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        make_collection(database, "mugs")
        for name in "abc":
            upsert(database, product(name, [f"{name}1", f"{name}2"]))
            upsert(database, product(name, [f"mug {name}"]), name="mugs")

        with database.read() as connection:
            ids, vectors = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
            none, _ = Embeddings(connection).all(collection.id, OTHER, DIMENSION)
            shown = Products(connection).of_images(ids.tolist())

        assert ids.tolist() == sorted(ids.tolist())
        assert {product.external_id for _, product in shown.values()} == set("abc")
        for image_id, vector in zip(ids.tolist(), vectors, strict=True):
            assert shown[image_id][0].content_sha256 in {
                sha(f"{n}{i}") for n in "abc" for i in "12"
            }
            assert vector.tolist() in [vector_of(f"{n}{i}").tolist() for n in "abc" for i in "12"]
        assert len(ids) == 6
        assert none.shape == (0,)


class TestOfImages:
    def test_leaves_out_what_the_model_has_not_embedded(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        (image_id,) = _image_ids(database, collection)

        with database.read() as connection:
            embeddings = Embeddings(connection)
            found = embeddings.of_images([image_id, 10**9], FINGERPRINT)
            assert embeddings.of_images([image_id], OTHER) == {}
            assert embeddings.of_images([], FINGERPRINT) == {}

        assert list(found) == [image_id]
        np.testing.assert_array_equal(found[image_id], vector_of("red"))
        assert found[image_id].flags.writeable


class TestMissing:
    def test_walks_what_is_left_in_order(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue", "green"]))
        ids = _image_ids(database, collection)
        _add(database, OTHER, {ids[1]: vector_of("blue", 2)})

        with database.read() as connection:
            embeddings = Embeddings(connection)
            left = embeddings.missing(collection.id, OTHER, limit=10)
            assert left == [(ids[0], sha("red")), (ids[2], sha("green"))]
            assert embeddings.missing(collection.id, OTHER, limit=1) == left[:1]
            assert embeddings.missing(collection.id, OTHER, limit=9, after=ids[0]) == left[1:]
            assert embeddings.missing(collection.id, FINGERPRINT, limit=10) == []


class TestAdd:
    def test_stores_another_model_s_vectors_beside_those_in_service(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        (image_id,) = _image_ids(database, collection)

        assert _add(database, OTHER, {image_id: vector_of("red", 6)}) == 1

        with database.read() as connection:
            _, ours = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
            _, others = Embeddings(connection).all(collection.id, OTHER, 6)
        np.testing.assert_array_equal(ours, [vector_of("red")])
        np.testing.assert_array_equal(others, [vector_of("red", 6)])

    def test_passes_over_the_deleted_and_the_embedded(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        (image_id,) = _image_ids(database, collection)

        added = _add(database, FINGERPRINT, {image_id: vector_of("else"), 10**9: vector_of("gone")})

        assert added == 0
        with database.read() as connection:
            found = Embeddings(connection).of_images([image_id, 10**9], FINGERPRINT)
        np.testing.assert_array_equal(found[image_id], vector_of("red"))
        assert _add(database, OTHER, {}) == 0

    def test_meets_deletes_by_others_without_a_clash(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, *(product(f"p{n}", [f"{n}"]) for n in range(40)))
        ids = _image_ids(database, collection)
        errors: list[Exception] = []

        def delete_all() -> None:
            try:
                for n in range(40):
                    with database.write() as connection:
                        locked = Collections(connection).locked("shop")
                        Products(connection).delete(locked, [f"p{n}"])
            except Exception as error:
                errors.append(error)

        deleting = threading.Thread(target=delete_all)
        deleting.start()
        for number, image_id in enumerate(reversed(ids)):
            _add(database, OTHER, {image_id: vector_of(f"{number}", 2)})
        deleting.join()

        assert errors == []
        assert _image_ids(database, collection) == []


def _image_ids(database: Database, collection: CollectionRecord) -> list[int]:
    with database.read() as connection:
        ids, _ = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
    return [int(image_id) for image_id in ids]


def _add(database: Database, fingerprint: str, vectors: dict[int, NDArray[np.float32]]) -> int:
    with database.write() as connection:
        return Embeddings(connection).add(fingerprint, vectors)
