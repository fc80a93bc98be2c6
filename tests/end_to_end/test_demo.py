"""The README's first minute: the demo, indexed and searched with the model that is inside."""

from pathlib import Path

import pytest

PRODUCTS = 60
LEAST_FOUND = 0.85
"""Of customers' pictures, other views before other backgrounds, among five hits; these products
taught the model nothing, drawn ones of another seed did."""


@pytest.fixture(scope="module", autouse=True)
def indexed(likeness, home: Path) -> None:
    likeness("demo", "--products", str(PRODUCTS))
    likeness("index", str(home / "demo" / "catalogue.csv"))


def test_customers_pictures_find_their_products(serve, home: Path) -> None:
    queries = sorted((home / "demo" / "queries").glob("*-wild.jpg"))
    found = 0
    with serve() as client:
        for query in queries:
            product = query.name.removesuffix("-wild.jpg")
            reply = client.post(
                "/v1/search", files={"image": query.read_bytes()}, data={"limit": 5}
            ).json()
            assert reply["model"] == "likeness-small"
            found += product in [hit["product_id"] for hit in reply["hits"]]

    assert len(queries) == PRODUCTS
    assert found >= LEAST_FOUND * PRODUCTS, found
