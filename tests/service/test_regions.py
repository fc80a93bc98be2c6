"""Searching with a region of a picture over HTTP."""

import base64
from typing import Any

import pytest

from tests.pictures import drawn, jpeg
from tests.retrieval.test_regions import side_by_side
from tests.service.running import Service, assert_problem

SCENE = side_by_side(drawn(3), drawn(5))
RIGHT = "0.5,0,0.5,1"


def test_every_way_to_say_it(stocked: Service) -> None:
    post = stocked.client.post
    encoded = base64.b64encode(SCENE).decode()
    for reply in (
        post("/v1/search", files={"image": SCENE}, data={"region": RIGHT}),
        post("/v1/search", files={"image": SCENE}, params={"region": RIGHT}),
        post("/v1/search", json={"images": [encoded], "region": RIGHT}),
        post("/v1/search", json={"images": [encoded], "region": [0.5, 0, 0.5, 1]}),
    ):
        hit = reply.json()["hits"][0]

        assert hit["product_id"] == "p5"
        assert hit["similarity"] == pytest.approx(1.0, abs=1e-3)


def test_reranking_sees_the_region_alone(stocked: Service) -> None:
    reply = stocked.client.post(
        "/v1/search", files={"image": SCENE}, params={"region": RIGHT, "rerank": "points"}
    )

    assert reply.json()["hits"][0]["product_id"] == "p5"


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("1,2", "not four"),
        ("a,b,c,d", "no number"),
        ("0.5,0,0.6,1", "outside it"),
        ("0,0.5,1,0.001", "Draw it around the product."),
    ],
)
def test_no_part_of_the_picture(stocked: Service, region: str, said: str) -> None:
    reply = stocked.client.post("/v1/search", files={"image": jpeg(1)}, data={"region": region})

    document = assert_problem(reply, 422, "region-invalid")
    assert said in document["detail"]
    assert [each["field"] for each in document["errors"]] == ["region"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"product_ids": ["p1"]}, "a product is asked with by all of its own"),
        ({"product_ids": ["p1"], "urls": ["http://127.0.0.1/"]}, "2 queries were sent"),
    ],
)
def test_not_of_one_picture(stocked: Service, asked: dict[str, Any], said: str) -> None:
    reply = stocked.client.post("/v1/search", json={**asked, "region": RIGHT})

    assert said in assert_problem(reply, 422, "region-invalid")["detail"]


def test_json_of_another_shape(stocked: Service) -> None:
    reply = stocked.client.post("/v1/search", json={"product_ids": ["p1"], "region": 3})

    errors = assert_problem(reply, 422, "fields-invalid")["errors"]
    assert errors[0]["field"].startswith("region")


def test_is_described(stocked: Service) -> None:
    operation = stocked.client.get("/openapi.json").json()["paths"]["/v1/search"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]

    assert form["region"]["type"] == "string"
    assert "region" in {each["name"] for each in operation["parameters"]}
