"""Reranking by points: what shows the same print goes ahead, everything else stays where it was."""

import numpy as np
import pytest
from PIL import Image

from retrieval.answers import Answer
from retrieval.assembly import Engine
from retrieval.errors import QueryInvalid
from retrieval.queries import PictureQuery, ProductQuery
from retrieval.reranking import MAX_RERANK_DEPTH, PICTURES_MATCHED
from tests.pictures import encoded

GROUNDS = ("firebrick", "seagreen", "royalblue", "goldenrod", "orchid", "sienna")


def label(number: int) -> Image.Image:
    """A print that no other number has."""
    cells = np.random.default_rng(number).integers(0, 255, (14, 14, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize((140, 140), Image.Resampling.BICUBIC)


def labelled(number: int, ground: str) -> bytes:
    picture = Image.new("RGB", (320, 320), ground)
    picture.paste(label(number), (90, 70))
    return encoded(picture, "JPEG", quality=90)


def ids(answer: Answer) -> list[str]:
    return [hit.product.external_id for hit in answer.hits[0]]


@pytest.fixture
def shelf(engine: Engine, put) -> Engine:
    """Six prints, each on a ground of its own."""
    for number, ground in enumerate(GROUNDS):
        put(f"p{number}", labelled(number, ground))
    return engine


# The print of p0 on the ground of p1: by its colours it is the latter.
QUERY = PictureQuery(labelled(0, GROUNDS[1]))


class TestRerankingByPoints:
    def test_puts_the_same_print_first_and_keeps_the_others(self, shelf: Engine) -> None:
        plain = shelf.searching.search("default", [QUERY])
        reranked = shelf.searching.search("default", [QUERY], rerank="points")

        assert ids(plain)[0] == "p1"
        assert ids(reranked)[0] == "p0"
        assert ids(reranked)[1:] == [each for each in ids(plain) if each != "p0"]

    def test_says_how_each_hit_matches(self, shelf: Engine) -> None:
        plain = shelf.searching.search("default", [QUERY])
        reranked = shelf.searching.search("default", [QUERY], rerank="points")

        assert [hit.points for hit in plain.hits[0]] == [None] * 6
        assert "points" not in plain.took_ms
        first, *others = (hit.points for hit in reranked.hits[0])
        assert first is not None
        assert first.score >= 0.5
        assert all(match is not None and match.score < 0.5 for match in others)
        assert reranked.took_ms["points"] > 0

    def test_looks_no_further_than_its_depth(self, shelf: Engine) -> None:
        plain = ids(shelf.searching.search("default", [QUERY]))
        place = plain.index("p0")

        shallow = shelf.searching.search("default", [QUERY], rerank="points", rerank_depth=place)

        assert ids(shallow) == plain
        assert [hit.points is None for hit in shallow.hits[0]] == [
            rank >= place for rank in range(6)
        ]

    def test_brings_a_hit_in_from_behind_the_page(self, shelf: Engine) -> None:
        answer = shelf.searching.search("default", [QUERY], limit=1, rerank="points")

        assert ids(answer) == ["p0"]

    def test_pages_join_without_gaps_or_repeats(self, shelf: Engine) -> None:
        options = {"rerank": "points", "rerank_depth": 4}
        whole = ids(shelf.searching.search("default", [QUERY], **options))
        pages = [
            each
            for offset in range(0, 6, 2)
            for each in ids(
                shelf.searching.search("default", [QUERY], limit=2, offset=offset, **options)
            )
        ]

        assert pages == whole

    def test_a_product_is_matched_by_its_first_pictures(self, shelf: Engine, put) -> None:
        put("many", *(labelled(number, "gray") for number in (9, 3, 5)))

        answer = shelf.searching.search("default", [ProductQuery("many")], rerank="points")

        assert PICTURES_MATCHED == 2
        assert ids(answer)[0] == "p3"
        by_product = {hit.product.external_id: hit.points for hit in answer.hits[0]}
        assert by_product["p5"].score < 0.5

    @pytest.mark.parametrize("kept", [None, b"\xff\xd8\xff cut short"])
    def test_a_hit_whose_copy_is_gone_or_damaged_keeps_its_place(
        self, shelf: Engine, kept: bytes | None
    ) -> None:
        plain = shelf.searching.search("default", [QUERY])
        hit = next(hit for hit in plain.hits[0] if hit.product.external_id == "p0")
        copy = shelf.home.pictures.path(hit.image.content_sha256)
        copy.unlink() if kept is None else copy.write_bytes(kept)

        reranked = shelf.searching.search("default", [QUERY], rerank="points")

        assert ids(reranked) == ids(plain)
        assert [hit.points is None for hit in reranked.hits[0]] == [
            each == "p0" for each in ids(plain)
        ]

    @pytest.mark.parametrize(
        ("queries", "options"),
        [
            (1, {"rerank": "points", "rerank_depth": 0}),
            (1, {"rerank": "points", "rerank_depth": MAX_RERANK_DEPTH + 1}),
            (3, {"rerank": "points", "rerank_depth": MAX_RERANK_DEPTH // 2}),
            (1, {"rerank": "lines"}),
        ],
    )
    def test_what_would_cost_too_much_is_refused(self, shelf: Engine, queries, options) -> None:
        with pytest.raises(QueryInvalid, match="rerank"):
            shelf.searching.search("default", [QUERY] * queries, **options)


class TestComparingByPoints:
    def test_the_same_print_on_another_ground(self, shelf: Engine) -> None:
        same, other = (
            shelf.comparing.compare_points(QUERY, ProductQuery(name), collection="default")
            for name in ("p0", "p1")
        )

        assert (same.similar, other.similar) == (True, False)
        assert same.similarity > 0.8
        assert same.threshold == 0.5

    def test_of_a_product_the_best_picture_counts(self, shelf: Engine, put) -> None:
        put("many", *(labelled(number, "gray") for number in (9, 8, 0)))

        result = shelf.comparing.compare_points(QUERY, ProductQuery("many"), collection="default")

        assert result.similar

    def test_a_threshold_out_of_range_is_refused(self, shelf: Engine) -> None:
        with pytest.raises(QueryInvalid, match="threshold"):
            shelf.comparing.compare_points(QUERY, QUERY, collection="default", threshold=2.0)
