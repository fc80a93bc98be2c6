"""Asking with a region: as if its part of the picture had been sent alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedding.errors import RegionInvalid
from embedding.regions import Region
from retrieval.assembly import Engine
from retrieval.queries import PictureQuery, ProductQuery
from tests.pictures import drawn, encoded
from tests.retrieval.test_command import run

LEFT, RIGHT = Region(0, 0, 0.5, 1), Region(0.5, 0, 0.5, 1)


def side_by_side(left: Image.Image, right: Image.Image) -> bytes:
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return encoded(both, "PNG")


def printed(number: int) -> Image.Image:
    """Full of local features, unlike those of any other number."""
    cells = np.random.default_rng(number).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize((320, 320), Image.Resampling.BICUBIC)


class TestSearch:
    def test_finds_what_the_region_shows(self, engine: Engine, put) -> None:
        for number in range(8):
            put(f"p{number}", encoded(drawn(number), "PNG"))
        content = side_by_side(drawn(3), drawn(5))

        for region, expected in ((LEFT, "p3"), (RIGHT, "p5")):
            hits = engine.searching.search("default", [PictureQuery(content, region)]).hits[0]

            assert hits[0].product.external_id == expected
            assert hits[0].similarity == pytest.approx(1.0, abs=1e-3)

    def test_matches_its_points_alone(self, engine: Engine, put) -> None:
        put("left", encoded(printed(1), "PNG"))
        put("right", encoded(printed(2), "PNG"))
        query = PictureQuery(side_by_side(printed(1), printed(2)), RIGHT)

        hits = engine.searching.search("default", [query], rerank="points").hits[0]

        points = {hit.product.external_id: hit.points for hit in hits}
        assert points["right"] is not None
        assert points["right"].score > 0.9
        assert points["left"] is not None
        assert points["left"].score < 0.5


def test_compares_by_the_region(engine: Engine, put) -> None:
    put("left", encoded(printed(1), "PNG"))
    content = side_by_side(printed(1), printed(2))
    comparing = engine.comparing
    for region, same in ((LEFT, True), (RIGHT, False)):
        pair = PictureQuery(content, region), ProductQuery("left")
        compared = comparing.compare(*pair, model="classic", collection="default")
        points = comparing.compare_points(*pair, collection="default")

        assert (compared.similarity > 0.99) == same
        assert points.similar == same


def test_a_strip_is_refused(engine: Engine) -> None:
    query = PictureQuery(encoded(drawn(0), "JPEG"), Region(0, 0.5, 1, 0.001))
    with pytest.raises(RegionInvalid):
        engine.searching.search("default", [query])


def test_on_the_terminal(tmp_path: Path) -> None:
    home, photos = tmp_path / "home", tmp_path / "photos"
    photos.mkdir()
    for number in (3, 5):
        drawn(number).save(photos / f"{number}.png")
    query = tmp_path / "query.png"
    query.write_bytes(side_by_side(drawn(3), drawn(5)))
    indexed = run(home, "index", photos)
    assert indexed.returncode == 0, indexed.stderr

    found = run(home, "search", query, "--region", "0.5,0,0.5,1", "--json")
    refused = run(home, "search", "product:5", "--region", "0.5,0,0.5,1")

    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["hits"][0]["similarity"] == pytest.approx(1.0, abs=1e-3)
    assert json.loads(found.stdout)["hits"][0]["image"]["source"].endswith("5.png")
    assert refused.returncode == 2
    assert "a product is asked with by all of its own" in refused.stderr
