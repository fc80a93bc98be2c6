"""Searching: what comes back, in which order, and how much of it."""

import pytest

from catalog.errors import CollectionUnknown, ProductUnknown
from catalog.filters import Filter
from embedding.errors import PictureUnreadable
from retrieval.answers import Answer
from retrieval.assembly import Engine
from retrieval.engine import MAX_DEPTH, MAX_LIMIT, MAX_QUERIES
from retrieval.errors import QueryInvalid
from retrieval.queries import PictureQuery, ProductQuery
from tests.pictures import drawn, encoded, jpeg


def ids(answer: Answer, query: int = 0) -> list[str]:
    return [hit.product.external_id for hit in answer.hits[query]]


class TestSearchByPicture:
    def test_no_cosine_passes_one(self, engine: Engine, put) -> None:
        """Of several vectors rounded to half precision, some are longer than they were."""
        for number in range(12):
            put(f"p{number}", jpeg(number))

        for number in range(12):
            answer = engine.searching.search("default", [PictureQuery(jpeg(number))], limit=1)
            assert 0.99 < answer.hits[0][0].cosine <= 1.0

    def test_finds_the_same_picture_first(self, engine: Engine, put) -> None:
        for number in range(12):
            put(f"p{number}", jpeg(number))

        answer = engine.searching.search("default", [PictureQuery(jpeg(7))], limit=5)

        best = answer.hits[0][0]
        assert best.product.external_id == "p7"
        assert best.similarity == pytest.approx(1.0, abs=1e-3)
        assert len(answer.hits[0]) == 5
        scores = [hit.similarity for hit in answer.hits[0]]
        assert scores == sorted(scores, reverse=True)

    def test_finds_it_re_encoded_resized_and_cropped(self, engine: Engine, put) -> None:
        for number in range(30):
            put(f"p{number}", jpeg(number))
        original = drawn(11)
        cropped = original.crop((10, 8, 310, 232)).resize((210, 157))

        answer = engine.searching.search(
            "default", [PictureQuery(encoded(cropped, "JPEG", quality=60))], limit=1
        )

        assert ids(answer) == ["p11"]

    def test_answers_each_query_in_the_order_asked(self, engine: Engine, put) -> None:
        for number in range(6):
            put(f"p{number}", jpeg(number))

        answer = engine.searching.search(
            "default",
            [PictureQuery(jpeg(4)), ProductQuery("p1"), PictureQuery(jpeg(2))],
            limit=1,
        )

        assert ids(answer, 0) == ["p4"]
        assert ids(answer, 1) != ["p1"]
        assert ids(answer, 2) == ["p2"]

    def test_an_empty_collection_has_no_hits(self, engine: Engine) -> None:
        answer = engine.searching.search("default", [PictureQuery(jpeg(0))])

        assert answer.hits == ((),)
        assert answer.release is None

    def test_a_broken_picture_is_refused(self, engine: Engine) -> None:
        with pytest.raises(PictureUnreadable):
            engine.searching.search("default", [PictureQuery(jpeg(0)[:200])])

    def test_an_unknown_collection_is_refused(self, engine: Engine) -> None:
        with pytest.raises(CollectionUnknown, match="nowhere"):
            engine.searching.search("nowhere", [PictureQuery(jpeg(0))])

    def test_says_how_long_each_stage_took(self, engine: Engine, put) -> None:
        put("p0", jpeg(0))

        took = engine.searching.search("default", [PictureQuery(jpeg(0))]).took_ms

        assert {"decode", "embed", "filter", "nearest", "resolve", "total"} == set(took)
        assert took["total"] >= max(took["embed"], took["decode"])


class TestSearchByProduct:
    def test_leaves_the_product_itself_out(self, engine: Engine, put) -> None:
        put("p0", jpeg(0), jpeg(1))
        put("twin", jpeg(1, quality=70))
        put("other", jpeg(2))

        answer = engine.searching.search("default", [ProductQuery("p0")])

        assert ids(answer) == ["twin", "other"]

    def test_every_picture_of_the_product_counts(self, engine: Engine, put) -> None:
        put("query", jpeg(0), jpeg(1))
        put("like-first", jpeg(0, quality=70))
        put("like-second", jpeg(1, quality=70))
        put("neither", jpeg(5))

        answer = engine.searching.search("default", [ProductQuery("query")], limit=2)

        assert set(ids(answer)) == {"like-first", "like-second"}
        assert all(hit.similarity > 0.98 for hit in answer.hits[0])

    def test_an_unknown_product_is_refused(self, engine: Engine) -> None:
        with pytest.raises(ProductUnknown, match="nobody"):
            engine.searching.search("default", [ProductQuery("nobody")])

    def test_a_product_without_pictures_is_refused(self, engine: Engine, put) -> None:
        put("bare")

        with pytest.raises(QueryInvalid, match="no picture"):
            engine.searching.search("default", [ProductQuery("bare")])


class TestOneHitAProduct:
    def test_shows_its_best_picture(self, engine: Engine, put) -> None:
        put("many", jpeg(1), jpeg(2), jpeg(3))
        put("one", jpeg(9))

        answer = engine.searching.search("default", [PictureQuery(jpeg(2))])

        assert ids(answer) == ["many", "one"]
        assert answer.hits[0][0].image.position == 1

    def test_fills_the_limit_past_many_pictures_of_one_product(self, engine: Engine, put) -> None:
        # Fifty near-copies of the query must not crowd the other products out.
        put("crowd", *(jpeg(0, quality=50 + number) for number in range(40)))
        for number in range(1, 6):
            put(f"p{number}", jpeg(number))

        answer = engine.searching.search("default", [PictureQuery(jpeg(0))], limit=6)

        assert ids(answer)[0] == "crowd"
        assert len(answer.hits[0]) == 6

    def test_what_was_deleted_since_leaves_no_gap(self, engine: Engine, put, remove) -> None:
        for number in range(8):
            put(f"p{number}", jpeg(number))
        query = [PictureQuery(jpeg(3))]
        before = ids(engine.searching.search("default", query, limit=8))
        # The index does not know yet; the products were looked up, and are remembered.
        remove(before[0])
        remove(before[2])

        after = ids(engine.searching.search("default", query, limit=4))

        assert after == [before[1], *before[3:6]]


class TestPaging:
    def test_pages_join_without_gaps_or_repeats(self, engine: Engine, put) -> None:
        for number in range(25):
            put(f"p{number}", jpeg(number), jpeg(number + 100))
        query = [PictureQuery(jpeg(3))]

        whole = ids(engine.searching.search("default", query, limit=25))
        pages = [
            each
            for offset in range(0, 25, 4)
            for each in ids(engine.searching.search("default", query, limit=4, offset=offset))
        ]

        assert len(whole) == 25
        assert pages == whole

    def test_equal_pictures_keep_their_order_across_pages(self, engine: Engine, put) -> None:
        for number in range(15):
            put(f"same{number}", jpeg(1))
        query = [PictureQuery(jpeg(1))]

        pages = [
            each
            for offset in range(0, 15, 2)
            for each in ids(engine.searching.search("default", query, limit=2, offset=offset))
        ]

        assert pages == [f"same{number}" for number in range(15)]

    @pytest.mark.parametrize(
        ("limit", "offset"), [(0, 0), (-1, 0), (MAX_LIMIT + 1, 0), (10, -1), (10, MAX_DEPTH)]
    )
    def test_numbers_out_of_range_are_refused(
        self, engine: Engine, limit: int, offset: int
    ) -> None:
        with pytest.raises(QueryInvalid):
            engine.searching.search("default", [PictureQuery(jpeg(0))], limit=limit, offset=offset)

    @pytest.mark.parametrize("count", [0, MAX_QUERIES + 1])
    def test_none_or_too_many_queries_are_refused(self, engine: Engine, count: int) -> None:
        with pytest.raises(QueryInvalid, match=str(MAX_QUERIES)):
            engine.searching.search("default", [PictureQuery(jpeg(0))] * count)


class TestFilter:
    def test_fills_the_limit_when_enough_products_match(self, engine: Engine, put) -> None:
        for number in range(30):
            put(f"p{number}", jpeg(number), category="bags" if number % 3 == 0 else "shoes")

        answer = engine.searching.search(
            "default",
            [PictureQuery(jpeg(1))],
            limit=10,
            wanted=Filter.parse({"category": "bags"}),
        )

        assert len(answer.hits[0]) == 10
        assert {hit.product.category for hit in answer.hits[0]} == {"bags"}

    def test_sees_a_change_of_fields_at_once(self, engine: Engine, put) -> None:
        put("p0", jpeg(0), price=80.0)
        cheap = Filter.parse({"price": {"lte": 50}})
        query = [PictureQuery(jpeg(0))]
        assert ids(engine.searching.search("default", query, wanted=cheap)) == []

        put("p0", price=40.0)

        assert ids(engine.searching.search("default", query, wanted=cheap)) == ["p0"]

    def test_that_nothing_matches_gives_no_hits(self, engine: Engine, put) -> None:
        put("p0", jpeg(0))

        answer = engine.searching.search(
            "default", [PictureQuery(jpeg(0))], wanted=Filter.parse({"brand": "none"})
        )

        assert answer.hits == ((),)


class TestMinSimilarity:
    def test_cuts_what_scores_less(self, engine: Engine, put) -> None:
        for number in range(10):
            put(f"p{number}", jpeg(number))
        query = [PictureQuery(jpeg(3))]
        scores = [hit.similarity for hit in engine.searching.search("default", query).hits[0]]

        cut = engine.searching.search("default", query, min_similarity=scores[4]).hits[0]

        assert [hit.similarity for hit in cut] == scores[:5]

    @pytest.mark.parametrize("least", [-0.1, 1.1, float("nan")])
    def test_out_of_range_is_refused(self, engine: Engine, least: float) -> None:
        with pytest.raises(QueryInvalid, match="min_score"):
            engine.searching.search("default", [PictureQuery(jpeg(0))], min_similarity=least)
