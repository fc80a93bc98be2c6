from collections.abc import Callable, Sequence

import numpy as np
import pytest
from sqlalchemy import text

from catalog.changes import Changes
from catalog.collections import Collections
from catalog.database import Database
from catalog.embeddings import Embeddings
from catalog.errors import PicturesChanged, ProductUnknown
from catalog.filters import Filter
from catalog.products import Products
from catalog.records import (
    CollectionRecord,
    ImageInput,
    ImageRecord,
    ProductFields,
    ProductInput,
    ProductRecord,
)
from tests.catalog.making import (
    DIMENSION,
    FINGERPRINT,
    make_collection,
    picture,
    product,
    sha,
    upsert,
    vector_of,
)

NO_PRODUCT = ["missing", "\ud800", "nul\x00", "", "x" * 10_000, "'; DROP TABLE product; --"]


class TestUpsert:
    def test_creates_products_with_their_pictures(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        done = upsert(
            database,
            product("a", ["red", "blue"], title="Größe 👟", category="shoes", price=9.5, size="42"),
            product("b"),
        )

        assert [(each.external_id, each.created, each.images_added) for each in done] == [
            ("a", True, 2),
            ("b", True, 0),
        ]
        stored = _get(database, collection, "a")
        assert (stored.title, stored.category, stored.price) == ("Größe 👟", "shoes", 9.5)
        assert stored.attributes == {"size": "42"}
        assert [image.content_sha256 for image in stored.images] == [sha("red"), sha("blue")]
        assert [image.position for image in stored.images] == [0, 1]
        first = stored.images[0]
        assert (first.source, first.media_type) == ("red.jpg", "image/jpeg")
        assert (first.width, first.height) == (640, 480)
        assert _get(database, collection, "b").images == ()

    def test_stores_the_vectors_as_they_are(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))

        images = _get(database, collection, "a").images
        with database.read() as connection:
            ids, vectors = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
        assert list(ids) == [image.id for image in images]
        np.testing.assert_array_equal(vectors, [vector_of("red"), vector_of("blue")])

    def test_fields_alone_leave_the_pictures(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"], title="old", category="shoes"))
        before = _get(database, collection, "a")

        done = upsert(database, product("a", None, title="new"))

        after = _get(database, collection, "a")
        assert (after.title, after.category) == ("new", None)
        assert after.images == before.images
        assert after.id == before.id
        assert (done[0].created, done[0].images_added, done[0].images_removed) == (False, 0, 0)
        assert after.updated_at > before.updated_at

    @pytest.mark.parametrize(
        ("before", "after"), [(1, True), (True, 1), (0, False), ("1", 1), (None, 0), (1, None)]
    )
    def test_an_attribute_may_change_its_type(
        self, sqlite_database: Database, before: int, after: int
    ) -> None:
        shop = make_collection(sqlite_database, "shop")
        upsert(sqlite_database, product("a", flag=before))
        upsert(sqlite_database, product("a", flag=after))

        stored = _get(sqlite_database, shop, "a").attributes["flag"]
        assert (stored, type(stored)) == (after, type(after))

    def test_pictures_are_added_replaced_and_removed(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))
        red, blue = _get(database, collection, "a").images

        done = upsert(database, product("a", ["green", "blue"]))[0]

        green, still_blue = _get(database, collection, "a").images
        assert (done.images_added, done.images_removed) == (1, 1)
        assert still_blue.id == blue.id
        assert green.id > blue.id > red.id
        assert green.content_sha256 == sha("green")

    def test_no_pictures_removes_them_all(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))

        assert upsert(database, product("a", []))[0].images_removed == 2
        assert _get(database, collection, "a").images == ()

    def test_pictures_are_reordered_without_new_ids(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "green", "blue"]))
        before = {image.content_sha256: image.id for image in _images(database, collection, "a")}

        done = upsert(database, product("a", ["blue", "red", "green"]))[0]

        after = _images(database, collection, "a")
        assert [image.content_sha256 for image in after] == [sha("blue"), sha("red"), sha("green")]
        assert {image.content_sha256: image.id for image in after} == before
        assert (done.images_added, done.images_removed) == (0, 0)

    def test_the_same_content_twice_is_one_picture(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        done = upsert(database, product("a", ["red", "blue", "red"]))[0]

        assert done.images_added == 2
        assert [image.content_sha256 for image in _images(database, collection, "a")] == [
            sha("red"),
            sha("blue"),
        ]

    def test_two_products_may_show_the_same_content(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]), product("b", ["red"]))

        (of_a,), (of_b,) = (_images(database, collection, name) for name in "ab")
        assert of_a.id != of_b.id

    def test_an_unchanged_product_stays_as_it_is(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        same = product("a", ["red", "blue"], title="t", price=3, size=42, new=True)
        upsert(database, same)
        before = _get(database, collection, "a")

        done = upsert(database, same)[0]

        assert _get(database, collection, "a") == before
        assert (done.created, done.images_added, done.images_removed) == (False, 0, 0)

    def test_pictures_embedded_already_need_no_vector(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        again = ProductInput(
            ProductFields("a"),
            (picture("red", source="moved/red.jpg", embedded=True), picture("blue")),
        )

        upsert(database, again)

        red, blue = _images(database, collection, "a")
        assert red.source == "moved/red.jpg"
        with database.read() as connection:
            vectors = Embeddings(connection).of_images([red.id, blue.id], FINGERPRINT)
        np.testing.assert_array_equal(vectors[red.id], vector_of("red"))

    def test_a_new_picture_without_vector_is_refused(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        unembedded = ProductInput(ProductFields("a"), (picture("red", embedded=True),))

        with pytest.raises(PicturesChanged, match="send the product again"):
            upsert(database, unembedded)

        assert _find(database, collection, "a") is None

    @pytest.mark.parametrize(
        "vector",
        [
            np.ones(DIMENSION + 1, np.float32),
            np.ones((1, DIMENSION), np.float32),
            np.zeros(0, np.float32),
            np.full(DIMENSION, np.nan, np.float32),
            np.full(DIMENSION, np.inf, np.float32),
        ],
    )
    def test_a_vector_that_is_none_of_the_model_is_refused(
        self, sqlite_database: Database, vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    ) -> None:
        shop = make_collection(sqlite_database, "shop")
        wrong = ImageInput(sha("red"), "image/jpeg", 1, 1, vector=vector)

        with pytest.raises(ValueError, match="expected a finite vector of 4 numbers"):
            upsert(sqlite_database, ProductInput(ProductFields("a"), (wrong,)))

        assert _find(sqlite_database, shop, "a") is None

    def test_takes_batches_of_hundreds(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        products = [product(f"p{n}", [f"{n} front", f"{n} back"]) for n in range(700)]

        done = upsert(database, *products)

        assert [each.external_id for each in done] == [f"p{n}" for n in range(700)]
        assert {(each.created, each.images_added) for each in done} == {(True, 2)}
        with database.read() as connection:
            assert Collections(connection).counts(collection.id) == (700, 1400)
            ids, vectors = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
            shown = Products(connection).of_images([int(image_id) for image_id in ids])
        for image_id, vector in zip(ids, vectors, strict=True):
            image, owner = shown[int(image_id)]
            content = f"{owner.external_id[1:]} {'back' if image.position else 'front'}"
            assert image.content_sha256 == sha(content)
            np.testing.assert_array_equal(vector, vector_of(content))

    def test_collections_do_not_share_products(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        upsert(database, product("a", ["red"], title="shoe"))
        upsert(database, product("a", ["white"], title="mug"), name="mugs")

        assert _get(database, collection, "a").title == "shoe"
        assert _get(database, mugs, "a").title == "mug"

    def test_an_empty_batch_is_allowed(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        assert upsert(database) == []
        assert _find(database, collection, "a") is None


class TestChangeSequence:
    def test_tells_every_picture_in_order(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))
        red, blue = _images(database, collection, "a")
        upsert(database, product("a", ["green"]))
        (green,) = _images(database, collection, "a")

        told = _changes(database, collection)

        assert told[:2] == [(1, "upsert", red.id), (2, "upsert", blue.id)]
        assert sorted(told[2:4], key=lambda change: change[2]) == [
            (told[2][0], "delete", told[2][2]),
            (told[3][0], "delete", told[3][2]),
        ]
        assert {change[2] for change in told[2:4]} == {red.id, blue.id}
        assert told[4] == (5, "upsert", green.id)

    def test_moves_when_only_fields_change(
        self,
        database: Database,
        collection: CollectionRecord,
        reread: Callable[[str], CollectionRecord],
    ) -> None:
        upsert(database, product("a", ["red"]))
        upsert(database, product("a", None, title="new"))

        assert reread("shop").last_sequence == 2
        assert len(_changes(database, collection)) == 1

    def test_goes_on_within_one_transaction(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        with database.write() as connection:
            locked = Collections(connection).locked("shop")
            Products(connection).upsert(locked, [product("a", ["red"])])
            Products(connection).upsert(locked, [product("b", ["blue"])])
            Products(connection).delete(locked, ["a"])

        assert [change[0] for change in _changes(database, collection)] == [1, 2, 3]

    def test_a_new_vector_for_a_stored_picture_is_told(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        (red,) = _images(database, collection, "a")
        upsert(database, product("a", ["red"]))

        assert _changes(database, collection) == [(1, "upsert", red.id), (2, "upsert", red.id)]

    def test_is_each_collection_s_own(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        upsert(database, product("a", ["red"]))
        upsert(database, product("m", ["white"]), name="mugs")

        assert [change[0] for change in _changes(database, collection)] == [1]
        assert [change[0] for change in _changes(database, mugs)] == [1]


class TestGet:
    @pytest.mark.parametrize("external_id", NO_PRODUCT)
    def test_what_is_not_there_is_unknown(
        self, database: Database, collection: CollectionRecord, external_id: str
    ) -> None:
        upsert(database, product("a", ["red"]))

        assert _find(database, collection, external_id) is None
        with pytest.raises(ProductUnknown, match="check the id"):
            _get(database, collection, external_id)

    @pytest.mark.parametrize(
        "external_id", ["a b", "ä/ö", "👟", "%", "a'b", 'a"b', "42", "x" * 255]
    )
    def test_any_text_can_be_an_id(self, sqlite_database: Database, external_id: str) -> None:
        shop = make_collection(sqlite_database, "shop")
        upsert(sqlite_database, product(external_id, ["red"]))

        assert _get(sqlite_database, shop, external_id).external_id == external_id

    def test_ids_differ_by_case(self, database: Database, collection: CollectionRecord) -> None:
        upsert(database, product("a", title="small"), product("A", title="large"))

        assert _get(database, collection, "A").title == "large"


class TestPage:
    def test_pages_are_stable_and_complete(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        names = [f"p{n}" for n in (5, 3, 9, 1, 7)]
        for name in names:
            upsert(database, product(name, [name]))
        upsert(database, product("p9", None, title="touched"))

        with database.read() as connection:
            products = Products(connection)
            pages = [products.page(collection.id, limit=2, offset=start) for start in (0, 2, 4, 6)]

        assert [[each.external_id for each in page] for page in pages] == [
            ["p5", "p3"],
            ["p9", "p1"],
            ["p7"],
            [],
        ]
        assert pages[0][0].images[0].content_sha256 == sha("p5")

    def test_filters_and_counts_alike(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, *(product(f"p{n}", category="ab"[n % 2], price=n) for n in range(10)))
        wanted = Filter.parse({"category": "b", "price": {"gt": 3}})

        with database.read() as connection:
            page = Products(connection).page(collection.id, limit=10, wanted=wanted)
            assert Products(connection).count(collection.id, wanted) == 3
            assert Products(connection).count(collection.id) == 10
        assert [each.external_id for each in page] == ["p5", "p7", "p9"]


class TestOfImages:
    def test_gives_each_image_with_its_product(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"], title="A"), product("b", ["red"], price=2))
        of_a, of_b = (_images(database, collection, name) for name in "ab")

        with database.read() as connection:
            found = Products(connection).of_images([of_b[0].id, of_a[1].id, 10**12, of_a[0].id])

        assert set(found) == {image.id for image in (*of_a, *of_b)}
        for image in (*of_a, *of_b):
            assert found[image.id][0] == image
        assert found[of_a[0].id][1].title == "A"
        assert found[of_b[0].id][1].price == 2
        assert found[of_b[0].id][1].images == ()
        assert found[of_b[0].id][1].attributes == {}

    def test_of_none_is_empty(self, database: Database) -> None:
        with database.read() as connection:
            assert Products(connection).of_images([]) == {}

    def test_takes_thousands(self, database: Database, collection: CollectionRecord) -> None:
        upsert(database, *(product(f"p{n}", [str(n)]) for n in range(1200)))

        with database.read() as connection:
            ids, _ = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
            found = Products(connection).of_images(ids.tolist())
            owners = Products(connection).product_ids_of_images(ids.tolist())

        assert len(found) == 1200
        assert owners == {image_id: shown[1].id for image_id, shown in found.items()}


class TestProductIdsOfImages:
    def test_leaves_out_what_is_gone(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]))
        red, blue = _images(database, collection, "a")
        owner = _get(database, collection, "a").id
        upsert(database, product("a", ["red"]))

        with database.read() as connection:
            found = Products(connection).product_ids_of_images([red.id, blue.id])

        assert found == {red.id: owner}


class TestStoredContents:
    def test_tells_what_this_model_has_embedded(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]), product("b", ["red"]), product("c"))

        def stored(fingerprint: str) -> dict[str, set[str]]:
            with database.read() as connection:
                names = ["a", "b", "c", *NO_PRODUCT]
                return Products(connection).stored_contents(collection.id, names, fingerprint)

        assert stored(FINGERPRINT) == {"a": {sha("red"), sha("blue")}, "b": {sha("red")}}
        assert stored("0" * 64) == {}


class TestPruning:
    def test_finds_what_a_job_did_not_meet(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, *(product(name) for name in ("old", "kept", "broken", "api")))
        upsert(database, product("kept"), product("new"), seen_job_id=7)
        with database.write() as connection:
            Products(connection).mark_seen(collection.id, ["broken", *NO_PRODUCT], 7)

        with database.read() as connection:
            products = Products(connection)
            assert products.unseen(collection.id, 7, limit=10) == ["old", "api"]
            assert products.unseen(collection.id, 7, limit=1) == ["old"]
            assert len(products.unseen(collection.id, 8, limit=10)) == 5

    def test_flows_to_the_end_in_steps(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, *(product(f"p{n}", [str(n)]) for n in range(25)))
        upsert(database, product("p3", ["3"]), seen_job_id=1)

        pruned = 0
        while gone := _unseen(database, collection, 1):
            with database.write() as connection:
                locked = Collections(connection).locked("shop")
                pruned += Products(connection).delete(locked, gone)

        assert pruned == 24
        assert _get(database, collection, "p3").images[0].content_sha256 == sha("3")


class TestDelete:
    def test_takes_pictures_and_vectors_along_and_tells_it(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red", "blue"]), product("b", ["red"]))
        gone = {image.id for image in _images(database, collection, "a")}

        assert _delete(database, ["a", *NO_PRODUCT]) == 1

        assert _find(database, collection, "a") is None
        told = _changes(database, collection)[3:]
        assert {(kind, image_id) for _, kind, image_id in told} == {("delete", i) for i in gone}
        with database.read() as connection:
            ids, _ = Embeddings(connection).all(collection.id, FINGERPRINT, DIMENSION)
            rows = connection.execute(text("SELECT count(*) FROM embedding")).scalar()
        assert len(ids) == rows == 1

    def test_ids_are_never_used_again(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        upsert(database, product("a", ["red"]))
        (first,) = _images(database, collection, "a")
        _delete(database, ["a"])
        upsert(database, product("a", ["red"]))

        (second,) = _images(database, collection, "a")
        assert second.id > first.id

    def test_what_is_not_there_counts_nothing(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        assert _delete(database, NO_PRODUCT) == 0
        assert _changes(database, collection) == []


class TestContentsInUse:
    def test_looks_into_every_collection(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        make_collection(database, "mugs")
        upsert(database, product("a", ["red", "blue"]))
        upsert(database, product("m", ["white", "red"]), name="mugs")
        _delete(database, ["a"])

        with database.read() as connection:
            asked = [sha(content) for content in ("red", "blue", "white", "never")]
            assert Products(connection).contents_in_use(iter(asked)) == {sha("red"), sha("white")}
            assert collection.id in {each.id for each in Collections(connection).all()}


def _get(database: Database, collection: CollectionRecord, external_id: str) -> ProductRecord:
    with database.read() as connection:
        return Products(connection).get(collection.id, external_id)


def _find(
    database: Database, collection: CollectionRecord, external_id: str
) -> ProductRecord | None:
    with database.read() as connection:
        return Products(connection).find(collection.id, external_id)


def _images(
    database: Database, collection: CollectionRecord, external_id: str
) -> tuple[ImageRecord, ...]:
    return _get(database, collection, external_id).images


def _delete(database: Database, external_ids: Sequence[str]) -> int:
    with database.write() as connection:
        locked = Collections(connection).locked("shop")
        return Products(connection).delete(locked, external_ids)


def _unseen(database: Database, collection: CollectionRecord, job_id: int) -> list[str]:
    with database.read() as connection:
        return Products(connection).unseen(collection.id, job_id, limit=10)


def _changes(database: Database, collection: CollectionRecord) -> list[tuple[int, str, int]]:
    with database.read() as connection:
        changes = Changes(connection).since(collection.id, 0, limit=10_000)
    return [(change.sequence, change.kind, change.image_id) for change in changes]
