"""Collections, models, kept copies, health, metrics, documentation."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.collections import Collections
from catalog.errors import DatabaseUnreachable
from embedding.model_names import BUILT_IN
from retrieval.following import Follower
from service.collections import endpoints
from service.collections.describing import described
from service.settings import ServiceSettings
from service.state import ServiceState
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running


class TestCollections:
    def test_from_making_to_deleting(self, service: Service) -> None:
        made = service.client.put("/v1/collections/shoes", json={"description": "Only shoes"})
        again = service.client.put("/v1/collections/shoes")
        service.put("a", 1, collection="shoes")

        assert (made.status_code, again.status_code) == (201, 200)
        read = service.client.get("/v1/collections/shoes").json()
        assert (read["description"], read["products"], read["images"]) == ("Only shoes", 1, 1)
        assert (read["sequence"], read["delta"], read["release"]) == (1, 1, None)
        assert service.found(1, collection="shoes") == ["a"]
        assert service.found(1) == []
        listed = service.client.get("/v1/collections").json()["collections"]
        assert [(each["name"], each["default"]) for each in listed] == [
            ("default", True),
            ("shoes", False),
        ]

        assert service.client.delete("/v1/collections/shoes").status_code == 204
        reply = service.client.post("/v1/search?collection=shoes", files={"image": jpeg(1)})
        assert_problem(reply, 404, "collection-unknown")

    def test_made_again_is_empty(self, service: Service) -> None:
        for _ in range(2):
            service.client.put("/v1/collections/shoes")
            assert service.found(1, collection="shoes") == []
            service.put("a", 1, collection="shoes")
            service.client.delete("/v1/collections/shoes")

    def test_the_list_leaves_out_what_is_deleted_meanwhile(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service.client.put("/v1/collections/shoes")

        def deleted_before(name: str, state: ServiceState) -> dict[str, Any]:
            if name == "shoes":
                with state.home.database.write() as connection:
                    Collections(connection).delete(name)
            return described(name, state)

        monkeypatch.setattr(endpoints, "described", deleted_before)
        reply = service.client.get("/v1/collections")

        assert [each["name"] for each in reply.json()["collections"]] == ["default"]

    def test_refused(self, service: Service) -> None:
        client = service.client
        assert_problem(client.put("/v1/collections/No!"), 422, "collection-invalid")
        assert_problem(client.get("/v1/collections/no"), 404, "collection-unknown")
        assert_problem(client.delete("/v1/collections/no"), 404, "collection-unknown")
        for name in ("new", "default"):
            reply = client.put(f"/v1/collections/{name}", json={"model": "resnet18"})
            assert reply.json()["code"] in ("model-not-installed", "collection-differs")
            assert reply.status_code == 409
        assert_problem(client.put("/v1/collections/x", json={"modle": "y"}), 422, "fields-invalid")
        assert_problem(client.put("/v1/collections/x", content=b"x"), 415, "media-type-unsupported")

    def test_release_is_described(self, service: Service) -> None:
        service.put("a", 1)
        card = service.state.home.store.card("classic")
        release = service.state.engine.publisher.publish("default", card)
        service.state.keeper.refresh()

        described = service.client.get("/v1/collections/default").json()
        assert described["release"]["id"] == release.id
        assert (described["release"]["count"], described["delta"]) == (1, 0)
        assert service.search(1)["release"]["fingerprint"] == card.fingerprint


class TestModels:
    def test_installed_and_known(self, stocked: Service) -> None:
        models = stocked.client.get("/v1/models").json()

        assert models["default"] == "classic"
        assert [each["name"] for each in models["installed"]] == [*BUILT_IN]
        known = {each["name"]: each for each in models["known"]}
        assert known["resnet18"]["install"] == "likeness models add resnet18"


class TestImages:
    def address(self, stocked: Service) -> str:
        url: str = stocked.search(1)["hits"][0]["image"]["url"]
        return url

    def test_may_be_kept_for_ever(self, stocked: Service) -> None:
        reply = stocked.client.get(self.address(stocked))

        assert reply.content.startswith(b"\xff\xd8\xff")
        assert reply.headers["content-type"] == "image/jpeg"
        assert "immutable" in reply.headers["cache-control"]
        assert reply.headers["x-content-type-options"] == "nosniff"

    def test_is_not_sent_twice(self, stocked: Service) -> None:
        address = self.address(stocked)
        tag = stocked.client.get(address).headers["etag"]
        for known in (tag, f'"other", W/{tag}', "*"):
            reply = stocked.client.get(address, headers={"if-none-match": known})

            assert (reply.status_code, reply.content) == (304, b"")
            assert reply.headers["etag"] == tag
        assert stocked.client.get(address, headers={"if-none-match": '"x"'}).status_code == 200

    @pytest.mark.parametrize(
        "name", ["0" * 64, "x", "..%2F..%2Flikeness.db", "A" * 64, "%00", "a" * 63 + "%0A"]
    )
    def test_unknown(self, stocked: Service, name: str) -> None:
        reply = stocked.client.get(f"/v1/images/{name}.jpg")

        assert reply.status_code == 404
        assert str(stocked.state.home.root) not in reply.text


class TestHealth:
    def test_ready_names_the_collections(self, stocked: Service) -> None:
        assert stocked.client.get("/health/live").json() == {"status": "alive"}
        assert stocked.client.get("/health/ready").json() == {
            "status": "ready",
            "collections": {"default": {"trouble": None}},
        }

    def test_not_ready_until_warm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        may_open = threading.Event()
        open_all = Follower.open_all

        def held(follower: Follower) -> None:
            assert may_open.wait(20)
            open_all(follower)

        monkeypatch.setattr(Follower, "open_all", held)
        seen: list[httpx.Response] = []

        class Client(httpx.Client):
            def get(self, *arguments, **options) -> httpx.Response:  # type: ignore[no-untyped-def]
                reply = super().get(*arguments, **options)
                seen.append(reply)
                may_open.set()
                return reply

        monkeypatch.setattr("tests.service.running.httpx.Client", Client)
        with running(tmp_path):
            pass

        assert_problem(seen[0], 503, "not-ready")
        assert seen[0].headers["retry-after"] == "1"
        assert seen[-1].status_code == 200

    def test_database_gone(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(follower: Follower) -> None:
            raise DatabaseUnreachable("The database is gone from /secret/place.")

        monkeypatch.setattr(Follower, "refresh", gone)
        service.state.keeper.refresh()
        reply = service.client.get("/health/ready")

        assert "secret" not in assert_problem(reply, 503, "not-ready")["detail"]
        assert service.client.get("/health/live").status_code == 200

    def test_what_nobody_foresaw_ends_neither_the_start_nor_following(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Warming up fails, and two rounds do; the one after them serves."""
        refresh, failing = Follower.refresh, ["first", "second"]

        def cannot_start(*_: object) -> None:
            raise RuntimeError("can't start new thread")

        def fails_at_first(follower: Follower) -> None:
            if failing:
                raise ValueError(failing.pop(0))
            refresh(follower)

        monkeypatch.setattr("service.app.warm_up", cannot_start)
        monkeypatch.setattr(Follower, "refresh", fails_at_first)
        with running(tmp_path, follow_interval_s=0.02) as service:
            service.put("a", 1)
            assert service.found(1) == ["a"]
            assert not failing
        for told in ("Traceback", "can't start new thread", "first", "second"):
            assert told in caplog.text

    def test_metrics(self, stocked: Service) -> None:
        stocked.client.get("/v1/products/p1")
        stocked.client.get("/nowhere")
        text = stocked.client.get("/metrics").text

        assert (
            'likeness_http_requests_total{method="GET",route="/v1/products/{product_id:path}",'
            'status="200"}' in text
        )
        assert 'route="other",status="404"' in text
        assert 'likeness_collection_images{collection="default"} 12.0' in text
        assert 'likeness_search_stage_seconds_count{stage="embed"}' in text
        assert "nowhere" not in text


class TestDocumentation:
    def test_search_is_a_form_with_files_and_json(self, stocked: Service) -> None:
        document = stocked.client.get("/openapi.json").json()
        content = document["paths"]["/v1/search"]["post"]["requestBody"]["content"]

        image = content["multipart/form-data"]["schema"]["properties"]["image"]
        assert image["type"] == "array"
        assert image["items"] == {"type": "string", "format": "binary"}
        assert {"images", "urls", "product_ids", "limit"} <= set(
            content["application/json"]["schema"]["properties"]
        )

    def test_every_reference_leads_somewhere(self, stocked: Service) -> None:
        document = stocked.client.get("/openapi.json").json()

        def references(node: object) -> set[str]:
            if isinstance(node, dict):
                own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
                return own.union(*map(references, node.values()))
            if isinstance(node, list):
                return set().union(*map(references, node))
            return set()

        for reference in references(document):
            target: object = document
            for step in reference.removeprefix("#/").split("/"):
                assert isinstance(target, dict)
                target = target[step]

    def test_every_operation_tells_its_problems(self, stocked: Service) -> None:
        document = stocked.client.get("/openapi.json").json()
        for operations in document["paths"].values():
            for operation in operations.values():
                assert "application/problem+json" in operation["responses"]["default"]["content"]
                assert operation["summary"]


class TestSettings:
    def test_bodies_must_fit_into_what_is_held(self) -> None:
        with pytest.raises(ValueError, match="uploads_max_bytes"):
            ServiceSettings(request_max_bytes=10_000, uploads_max_bytes=5_000)
