"""Jobs over HTTP: queued, watched, cancelled; what the worker does with them is tested there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.jobs import Jobs
from catalog.records import Failure
from catalog.tables import Job
from tests.service.running import Service, assert_problem


def created(service: Service, **document: Any) -> dict[str, Any]:
    reply = service.client.post("/v1/jobs", json=document)
    assert reply.status_code == 202, reply.text
    assert reply.headers["location"] == f"/v1/jobs/{reply.json()['id']}"
    job: dict[str, Any] = reply.json()
    return job


def set_job(service: Service, job_id: int, **values: Any) -> None:
    with service.state.home.database.write() as connection:
        connection.execute(Job.__table__.update().where(Job.id == job_id).values(**values))


class TestCreate:
    def test_index(self, service: Service) -> None:
        job = created(service, source="/photos", prune=True, category_from_folders=True)

        assert (job["kind"], job["status"], job["source"]) == ("index", "queued", "/photos")
        with service.state.home.database.read() as connection:
            options = Jobs(connection).get(job["id"]).options
        assert options == {
            "origin": "http",
            "prune": True,
            "allow_empty": False,
            "category_from_folders": True,
        }

    def test_reindex(self, service: Service) -> None:
        job = created(service, kind="reindex", model="classic")

        assert (job["kind"], job["source"], job["collection"]) == ("reindex", None, "default")

    @pytest.mark.parametrize(
        ("document", "status", "code"),
        [
            ({}, 422, "fields-invalid"),
            ({"source": ""}, 422, "fields-invalid"),
            ({"source": "x", "kind": "destroy"}, 422, "fields-invalid"),
            ({"source": "x", "prune": "perhaps"}, 422, "fields-invalid"),
            ({"source": "x", "model": "classic"}, 422, "fields-invalid"),
            ({"source": "x", "kind": "reindex"}, 422, "fields-invalid"),
            ({"source": "x", "collection": "no"}, 404, "collection-unknown"),
            ({"kind": "reindex", "model": "no"}, 404, "model-unknown"),
            ({"kind": "reindex", "model": "resnet18"}, 409, "model-not-installed"),
        ],
    )
    def test_refused(
        self, service: Service, document: dict[str, Any], status: int, code: str
    ) -> None:
        assert_problem(service.client.post("/v1/jobs", json=document), status, code)
        assert service.client.get("/v1/jobs").json()["jobs"] == []

    def test_no_json(self, service: Service) -> None:
        reply = service.client.post("/v1/jobs", data={"source": "x"})

        assert_problem(reply, 415, "media-type-unsupported")


class TestRead:
    def test_progress(self, service: Service) -> None:
        job_id = created(service, source="/photos")["id"]
        began = datetime.now(UTC) - timedelta(seconds=10)
        set_job(
            service,
            job_id,
            status="running",
            total=400,
            indexed=80,
            unchanged=15,
            failed=5,
            started_at=began,
        )
        progress = service.client.get(f"/v1/jobs/{job_id}").json()["progress"]

        assert (progress["done"], progress["total"]) == (100, 400)
        assert progress["rate_per_s"] == pytest.approx(10, rel=0.5)
        assert progress["eta_s"] == pytest.approx(300 / progress["rate_per_s"], rel=0.01)

    def test_paths_of_this_machine_are_not_told(self, service: Service) -> None:
        job_id = created(service, source="/photos")["id"]
        set_job(
            service,
            job_id,
            source="/secret/photos",
            options={"origin": "cli"},
            error="/secret/photos/a.csv cannot be read",
        )
        job = service.client.get(f"/v1/jobs/{job_id}").json()

        assert job["source"] is None
        assert job["error"] == "SOURCE/a.csv cannot be read"

    def test_newest_first_in_pages(self, service: Service) -> None:
        ids = [created(service, source=f"/photos{n}")["id"] for n in range(5)]
        pages = [
            service.client.get("/v1/jobs", params={"limit": 2, "offset": offset}).json()["jobs"]
            for offset in (0, 2, 4)
        ]

        assert [job["id"] for page in pages for job in page] == ids[::-1]

    @pytest.mark.parametrize("job_id", ["99", str(2**63 - 1), "0"])
    def test_unknown(self, service: Service, job_id: str) -> None:
        for reply in (
            service.client.get(f"/v1/jobs/{job_id}"),
            service.client.get(f"/v1/jobs/{job_id}/failures"),
            service.client.post(f"/v1/jobs/{job_id}/cancel"),
        ):
            assert_problem(reply, 404, "job-unknown")

    @pytest.mark.parametrize("job_id", ["x", "1.5", "-1", str(2**63), "9" * 5000])
    def test_no_number(self, service: Service, job_id: str) -> None:
        assert_problem(service.client.get(f"/v1/jobs/{job_id}"), 422, "fields-invalid")

    def test_failures_in_pages(self, service: Service) -> None:
        job_id = created(service, source="/photos")["id"]
        failed = [
            Failure(n, f"p{n}", source, "picture-unreadable", "It is cut short.")
            for n, source in enumerate(("/secret/a.jpg", "https://shop.example/b.jpg", None), 1)
        ]
        with service.state.home.database.write() as connection:
            Jobs(connection).add_failures(job_id, failed)
        page = service.client.get(f"/v1/jobs/{job_id}/failures?limit=2").json()

        assert (page["total"], len(page["failures"])) == (3, 2)
        assert [each["source"] for each in page["failures"]] == [
            None,
            "https://shop.example/b.jpg",
        ]
        assert page["failures"][0]["id"] == "p1"


class TestCancel:
    def test_queued(self, service: Service) -> None:
        job_id = created(service, source="/photos")["id"]
        reply = service.client.post(f"/v1/jobs/{job_id}/cancel").json()

        assert reply["status"] == "cancelled"
        assert reply["finished_at"] is not None

    def test_running_is_asked_to_stop(self, service: Service) -> None:
        job_id = created(service, source="/photos")["id"]
        set_job(service, job_id, status="running", worker="w", heartbeat_at=datetime.now(UTC))
        reply = service.client.post(f"/v1/jobs/{job_id}/cancel").json()

        assert (reply["status"], reply["cancel_requested"]) == ("running", True)
