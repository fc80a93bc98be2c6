"""What collections say of their releases: recipe and agreement with exact search."""

from functools import partial

import pytest

from tests.service.running import Service, assert_problem
from vector_index.recipes import build_index


def release_of(service: Service) -> dict[str, object]:
    """As the collection itself says it, and as the list of collections does: the same."""
    read = service.client.get("/v1/collections/default").json()["release"]
    (listed,) = service.client.get("/v1/collections").json()["collections"]
    assert listed["release"] == read
    return dict(read)


def test_recipe_and_agreement_are_shown(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        service.put(f"p{number}", number)
    engine = service.state.engine
    card = engine.follower.served("default").embedder.card

    engine.publisher.publish("default", card)
    exact = release_of(service)
    assert (exact["recipe"], exact["agreement"], exact["count"]) == ("exact-fp16", 1.0, 12)

    early = partial(build_index, exact_up_to=1, fewest_clustered=1)
    monkeypatch.setattr("retrieval.releases.build_index", early)
    monkeypatch.setattr("vector_index.plan.MOST_WORTHWHILE", 1.0)
    published = engine.publisher.publish("default", card)
    clustered = release_of(service)
    assert clustered["recipe"] == published.recipe == "pca384-ivf8-sq8"
    assert clustered["agreement"] == round(published.agreement, 6)

    listed = service.client.get("/v1/collections/default/releases").json()
    assert listed == {
        "collection": "default",
        "releases": [{**clustered, "current": True}, {**exact, "current": False}],
    }
    assert service.found(5)[0] == "p5"


def test_of_a_collection_that_has_none(service: Service) -> None:
    assert service.client.get("/v1/collections/default/releases").json()["releases"] == []
    reply = service.client.get("/v1/collections/no/releases")

    assert_problem(reply, 404, "collection-unknown")
