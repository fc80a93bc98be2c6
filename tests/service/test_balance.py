"""Weights and balances over HTTP: every way to send them, what is told, and what is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from embedding.fused.making import fuse
from embedding.model_names import SMALL
from retrieval.home import open_store
from retrieval.settings import EngineSettings
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running

MADE_WITH = {"colour": 0.8, "texture": 0.2}
OTHER = {"colour": 0.25, "texture": 0.75}
PRODUCTS = 8


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Products p0 to p7 in a collection that is on a fused model."""
    home = tmp_path_factory.mktemp("fused")
    fuse(open_store(EngineSettings(home=home)), "mix", MADE_WITH, overwrite=False)
    with running(home, model="mix") as service:
        for number in range(PRODUCTS):
            service.put(f"p{number}", number)
        yield service


def cosines(answer: dict[str, Any]) -> list[float]:
    return [hit["cosine"] for hit in answer["hits"]]


class TestWeightsOfASearch:
    def test_in_every_way_they_may_be_sent(self, fused: Service) -> None:
        own = fused.search(3)
        expected = fused.search(3, weights="colour=0.25,texture=0.75")
        pictures = {"image": jpeg(3)}

        assert (own["balance"], expected["balance"]) == (MADE_WITH, OTHER)
        assert cosines(own) != cosines(expected)
        for reply in (
            fused.client.post("/v1/search", files=pictures, data={"weights": json.dumps(OTHER)}),
            fused.client.post("/v1/search", files=pictures, data={"weights": "texture=3,colour=1"}),
        ):
            assert cosines(reply.json()) == cosines(expected)

        by_product = [
            fused.client.get("/v1/products/p3/similar?weights=colour=1,texture=3"),
            fused.client.post("/v1/search", json={"product_ids": ["p3"], "weights": OTHER}),
            fused.client.post(
                "/v1/search", json={"product_ids": ["p3"], "weights": "texture=0.3,colour=0.1"}
            ),
        ]
        assert len({json.dumps(cosines(each.json())) for each in by_product}) == 1
        assert cosines(by_product[0].json()) == pytest.approx(cosines(expected)[1:], abs=0.02)

    @pytest.mark.parametrize(
        ("weights", "told"),
        [
            ("shape=1", "its parts are colour, texture"),
            ("colour", "no part with a weight"),
            ("colour=0,texture=0", "No part would count"),
            ("colour=-1", "must be a number from 0"),
            ('{"colour": "much"}', "must be a number from 0"),
            ("{", "not valid JSON"),
        ],
    )
    def test_that_cannot_be_used(self, fused: Service, weights: str, told: str) -> None:
        pictures = {"image": jpeg(3), "image_1": jpeg(1), "image_2": jpeg(2)}
        replies = [
            fused.client.post("/v1/search", files={"image": jpeg(3)}, data={"weights": weights}),
            fused.client.post("/v1/search", json={"product_ids": ["p3"], "weights": weights}),
            fused.client.get("/v1/products/p3/similar", params={"weights": weights}),
            fused.client.post(
                "/v1/compare",
                files={name: pictures[name] for name in ("image_1", "image_2")},
                data={"weights": weights},
            ),
        ]
        for reply in replies:
            document = assert_problem(reply, 422, "weights-invalid")
            assert [each["field"] for each in document["errors"]] == ["weights"]
            assert told in document["detail"]

    def test_of_a_model_without_parts(self, stocked: Service) -> None:
        reply = stocked.client.get("/v1/products/p3/similar?weights=colour=1")

        assert "has no parts to weigh" in assert_problem(reply, 422, "weights-invalid")["detail"]
        assert stocked.search(3)["balance"] is None


class TestWeightsOfAComparison:
    def test_mean_of_the_parts(self, fused: Service) -> None:
        def compared(**fields: str) -> float:
            reply = fused.client.post(
                "/v1/compare", files={"image_1": jpeg(1), "image_2": jpeg(2)}, data=fields
            )
            assert reply.status_code == 200, reply.text
            return float(reply.json()["cosine"])

        colour, texture = compared(weights="colour=1"), compared(weights="texture=1")
        assert compared() == pytest.approx(0.8 * colour + 0.2 * texture, abs=1e-5)
        assert compared(weights="colour=1,texture=3") == pytest.approx(
            0.25 * colour + 0.75 * texture, abs=1e-5
        )

    def test_not_by_points(self, fused: Service) -> None:
        reply = fused.client.post(
            "/v1/compare",
            files={"image_1": jpeg(1), "image_2": jpeg(2)},
            data={"weights": "colour=1", "method": "points"},
        )
        assert assert_problem(reply, 422, "fields-invalid")["errors"][0]["field"] == "weights"


class TestBalanceOfACollection:
    def test_is_set_shown_searched_with_and_cleared(self, fused: Service) -> None:
        path = "/v1/collections/default"
        before = cosines(fused.search(3))
        assert fused.client.get(path).json()["balance"] is None

        reply = fused.client.put(path, json={"balance": {"texture": 3, "colour": 1}})

        assert reply.json()["balance"] == OTHER
        assert fused.client.get(path).json()["balance"] == OTHER
        assert fused.search(3)["balance"] == OTHER
        assert cosines(fused.search(3)) != before
        assert fused.search(3, weights="colour=1")["balance"] == {"colour": 1.0, "texture": 0.0}

        # What is left out stays.
        fused.client.put(path, json={"description": "shop"})
        assert fused.client.get(path).json()["balance"] == OTHER

        assert fused.client.put(path, json={"balance": None}).json()["balance"] is None
        assert cosines(fused.search(3)) == before

    def test_that_the_model_cannot_have(self, fused: Service, stocked: Service) -> None:
        for service, balance in ((fused, {"shape": 1}), (stocked, "colour=1"), (fused, "x")):
            reply = service.client.put("/v1/collections/default", json={"balance": balance})
            document = assert_problem(reply, 422, "weights-invalid")
            assert document["errors"][0]["field"] == "balance"
            assert service.client.get("/v1/collections/default").json()["balance"] is None

    def test_of_a_new_collection(self, fused: Service) -> None:
        refused = fused.client.put(
            "/v1/collections/new", json={"model": "classic", "balance": "colour=1"}
        )
        assert_problem(refused, 422, "weights-invalid")
        assert_problem(fused.client.get("/v1/collections/new"), 404, "collection-unknown")

        made = fused.client.put("/v1/collections/new", json={"balance": "texture=3,colour=1"})
        assert (made.status_code, made.json()["balance"]) == (201, OTHER)


def test_models_tell_their_parts(fused: Service) -> None:
    installed = fused.client.get("/v1/models").json()["installed"]
    assert {each["name"]: each["weights"] for each in installed} == {
        SMALL: {},
        "classic": {},
        "mix": MADE_WITH,
    }
