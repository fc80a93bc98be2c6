"""Facets over HTTP: counted, narrowed, remembered until something changes, and refused."""

import json
from typing import Any

import pytest

from tests.service.running import Service, assert_problem


def facets(service: Service, wanted: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    parameters = {**how, **({} if wanted is None else {"filter": json.dumps(wanted)})}
    reply = service.client.get("/v1/collections/default/facets", params=parameters)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_everything_there_is_to_filter_by(stocked: Service) -> None:
    answer = facets(stocked)

    assert answer == {
        "collection": "default",
        "total": 12,
        "sequence": 12,
        "facets": [
            {
                "field": "category",
                "kind": "values",
                "values": [{"value": "even", "count": 6}, {"value": "odd", "count": 6}],
                "more": 0,
                "missing": 0,
            },
            {"field": "price", "kind": "range", "min": 0.0, "max": 11.0, "count": 12, "missing": 0},
            {
                "field": "brand",
                "kind": "values",
                "values": [{"value": f"brand {number}", "count": 4} for number in range(3)],
                "more": 0,
                "missing": 0,
            },
        ],
    }


def test_counts_are_those_of_a_search_with_the_filter(stocked: Service) -> None:
    wanted = {"brand": "brand 1", "price": {"lt": 9}}
    answer = facets(stocked, wanted, fields="brand, category")
    brand, category = answer["facets"]

    assert answer["total"] == len(stocked.found(3, limit=12, filter=json.dumps(wanted)))
    for facet, others in ((brand, {"price": {"lt": 9}}), (category, wanted)):
        for each in facet["values"]:
            chosen = {**others, facet["field"]: each["value"]}
            found = stocked.found(3, limit=12, filter=json.dumps(chosen))
            assert len(found) == each["count"], chosen
    assert [each["value"] for each in brand["values"]] == ["brand 0", "brand 1", "brand 2"]


def test_only_so_many_values(stocked: Service) -> None:
    (brand,) = facets(stocked, fields="brand", limit=2)["facets"]

    assert len(brand["values"]) == 2
    assert brand["more"] == 1


def test_follow_every_change_at_once(service: Service) -> None:
    def sizes() -> list[Any]:
        answer = facets(service, {"category": "shoes"}, fields="size")
        return [(each["value"], each["count"]) for each in answer["facets"][0]["values"]]

    assert sizes() == []
    service.put("a", 1, category="shoes", attributes='{"size": 42}')
    assert sizes() == [(42, 1)]
    service.put("b", 2, category="shoes", attributes='{"size": "42"}')
    assert sizes() == sizes() == [(42, 1), ("42", 1)]
    service.client.delete("/v1/products/a")
    assert sizes() == [("42", 1)]


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"fields": "category,title"}, "facet-invalid", "fields"),
        ({"fields": "a,,b"}, "facet-invalid", "fields"),
        ({"fields": ",".join(f"a{number}" for number in range(21))}, "facet-invalid", "fields"),
        ({"limit": "101"}, "fields-invalid", "limit"),
        ({"filter": '{"price": "x"}'}, "filter-invalid", None),
    ],
)
def test_refused(
    stocked: Service, parameters: dict[str, str], code: str, field: str | None
) -> None:
    reply = stocked.client.get("/v1/collections/default/facets", params=parameters)

    document = assert_problem(reply, 422, code)
    if field is not None:
        assert [each["field"] for each in document["errors"]] == [field]


def test_of_a_collection_that_is_not_there(stocked: Service) -> None:
    reply = stocked.client.get("/v1/collections/nowhere/facets")

    assert_problem(reply, 404, "collection-unknown")
