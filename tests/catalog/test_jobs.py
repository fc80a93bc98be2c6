from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from catalog.collections import Collections
from catalog.database import Database
from catalog.errors import JobConflict, JobLost, JobUnknown
from catalog.jobs import STALE_AFTER_S, Jobs
from catalog.records import CollectionRecord, Failure, JobKind, JobRecord, JobStatus
from catalog.tables import Job
from tests.catalog.making import make_collection

OPTIONS = {"prune": True, "columns": {"id": "sku"}, "names": ["a", "ä"]}


class TestCreate:
    def test_queues_it(self, database: Database, collection: CollectionRecord) -> None:
        job = _create(database, collection)

        assert (job.status, job.kind, job.collection) == ("queued", "index", "shop")
        assert (job.source, dict(job.options)) == ("photos", OPTIONS)
        assert (job.cursor, job.indexed, job.unchanged, job.failed, job.pruned) == (0, 0, 0, 0, 0)
        assert (job.total, job.worker, job.heartbeat_at, job.started_at) == (None,) * 4
        assert datetime.now(UTC) - job.created_at < timedelta(minutes=1)

    def test_ids_are_never_used_again(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        first = _create(database, collection)
        with database.write() as connection:
            Collections(connection).delete(collection.name)

        assert _create(database, make_collection(database, "mugs")).id > first.id


class TestGet:
    @pytest.mark.parametrize("job_id", [0, -1, 7, 2**31, 2**63, 10**40])
    def test_unknown(self, database: Database, job_id: int) -> None:
        with database.read() as connection, pytest.raises(JobUnknown, match="no job"):
            Jobs(connection).get(job_id)
        for act in (_cancel, _claim):
            with pytest.raises(JobUnknown):
                act(database, job_id)


class TestRecent:
    def test_newest_first_by_pages_and_collection(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        jobs = [_create(database, each) for each in (collection, mugs, collection)]
        ids = [job.id for job in jobs]

        with database.read() as connection:
            recent = Jobs(connection).recent
            assert [job.id for job in recent(limit=10)] == ids[::-1]
            assert [job.id for job in recent(limit=1, offset=1)] == [ids[1]]
            assert [job.id for job in recent(limit=9, collection_id=mugs.id)] == [ids[1]]


class TestClaim:
    def test_makes_it_the_worker_s(self, database: Database, collection: CollectionRecord) -> None:
        job = _claim(database, _create(database, collection).id)

        assert (job.status, job.worker) == ("running", "w1")
        assert job.started_at is not None
        assert job.heartbeat_at is not None
        assert abs((datetime.now(UTC) - job.started_at).total_seconds()) < 60

    def test_a_living_worker_s_job_is_refused(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)

        with pytest.raises(JobConflict, match=rf"Job {job.id} .*worker w1.*jobs cancel {job.id}"):
            _claim(database, job.id, "w2")

    def test_another_job_of_a_busy_collection_is_refused(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        busy, other = (_create(database, collection) for _ in range(2))
        _claim(database, busy.id)

        with pytest.raises(JobConflict, match=f"Job {busy.id} is already at work"):
            _claim(database, other.id, "w2")

    def test_other_collections_are_free(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        _claim(database, _create(database, collection).id)

        assert _claim(database, _create(database, mugs).id, "w2").worker == "w2"

    @pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
    def test_a_finished_job_is_refused(
        self, database: Database, collection: CollectionRecord, status: JobStatus
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _finish(database, job.id, status)

        with pytest.raises(JobConflict, match=f"already {status}"):
            _claim(database, job.id)

    def test_an_interrupted_job_goes_on_from_its_cursor(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _beat(database, job.id, cursor=17, indexed=15, failed=2, total=90)
        _finish(database, job.id, "interrupted")

        again = _claim(database, job.id, "w2")

        assert (again.status, again.worker) == ("running", "w2")
        assert (again.cursor, again.indexed, again.failed, again.total) == (17, 15, 2, 90)
        assert again.started_at == job.started_at

    def test_a_silent_worker_s_job_is_taken_over(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _age(database, job.id, STALE_AFTER_S - 5)
        with pytest.raises(JobConflict):
            _claim(database, job.id, "w2")
        _age(database, job.id, STALE_AFTER_S + 5)

        assert _claim(database, job.id, "w2").worker == "w2"

    def test_a_worker_known_to_be_gone_is_not_waited_for(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)

        assert _claim(database, job.id, "w2", is_gone=lambda worker: worker == "w1").worker == "w2"
        with pytest.raises(JobConflict):
            _claim(database, job.id, "w3", is_gone=lambda worker: worker == "w1")

    def test_of_many_at_once_one_wins(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        jobs = [_create(database, collection).id for _ in range(2)]

        def attempt(number: int) -> bool:
            try:
                _claim(database, jobs[number % 2], f"w{number}")
            except JobConflict:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            won = list(pool.map(attempt, range(6)))

        assert sum(won) == 1

    def test_of_many_who_create_and_claim_at_once_one_wins(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        def attempt(number: int) -> bool:
            try:
                with database.write() as connection:
                    jobs = Jobs(connection)
                    job = jobs.create("index", collection.id, source=f"{number}", options={})
                    jobs.claim(job.id, f"w{number}")
            except JobConflict:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            won = list(pool.map(attempt, range(6)))

        assert sum(won) == 1
        with database.read() as connection:
            assert len(Jobs(connection).recent(limit=10)) == 1


class TestClaimNext:
    def test_takes_the_oldest_first_and_one_a_collection(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        first, second = (_create(database, collection) for _ in range(2))
        third = _create(database, mugs)

        assert _next(database, "w1") == first.id
        assert _next(database, "w2") == third.id
        assert _next(database, "w3") is None
        _finish(database, first.id, "done")
        assert _next(database, "w3") == second.id

    def test_takes_over_from_a_dead_worker(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        assert _next(database, "w2") is None
        _age(database, job.id, STALE_AFTER_S + 5)

        assert _next(database, "w2") == job.id

    def test_leaves_interrupted_and_finished_jobs_alone(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        for status in ("interrupted", "done", "failed", "cancelled"):
            job = _claim(database, _create(database, collection).id)
            _finish(database, job.id, status)

        assert _next(database, "w1") is None

    def test_a_requeued_job_is_taken_again(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _finish(database, job.id, "queued")

        assert _next(database, "w2") == job.id

    def test_many_workers_share_the_queue_without_a_clash(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        names = [collection, *(make_collection(database, f"c{n}") for n in range(3))]
        ids = [_create(database, each).id for each in names for _ in range(2)]

        with ThreadPoolExecutor(8) as pool:
            claimed = list(pool.map(lambda n: _next(database, f"w{n}"), range(8)))

        taken = [job_id for job_id in claimed if job_id is not None]
        assert sorted(taken) == ids[::2]


class TestBeat:
    def test_writes_progress_and_keeps_the_claim(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _age(database, job.id, STALE_AFTER_S + 5)

        assert _beat(database, job.id, cursor=3, indexed=2, unchanged=1, stage="embed") is False

        with database.read() as connection:
            now = Jobs(connection).get(job.id)
        assert (now.cursor, now.indexed, now.unchanged, now.stage) == (3, 2, 1, "embed")
        with pytest.raises(JobConflict):
            _claim(database, job.id, "w2")

    def test_after_a_takeover_the_job_is_lost(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _age(database, job.id, STALE_AFTER_S + 5)
        _claim(database, job.id, "w2")

        with pytest.raises(JobLost, match="no longer this worker's"):
            _beat(database, job.id, cursor=99)

        with database.read() as connection:
            assert Jobs(connection).get(job.id).cursor == 0

    def test_after_the_collection_is_deleted_the_job_is_lost(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        with database.write() as connection:
            Collections(connection).delete(collection.name)

        with pytest.raises(JobLost):
            _beat(database, job.id)


class TestFinish:
    @pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
    def test_ends_the_job(
        self, database: Database, collection: CollectionRecord, status: JobStatus
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        with database.write() as connection:
            done = Jobs(connection).finish(
                job.id, "w1", status, error="the disk is full\x00\ud800", release_id=3
            )

        assert (done.status, done.worker, done.release_id) == (status, None, 3)
        assert done.error == "the disk is full\ufffd?"
        assert done.finished_at is not None

    def test_a_lost_job_is_left_to_its_new_worker(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _age(database, job.id, STALE_AFTER_S + 5)
        _claim(database, job.id, "w2")

        assert _finish(database, job.id, "done").status == "running"
        assert _finish(database, job.id, "done").worker == "w2"


class TestRequestCancel:
    @pytest.mark.parametrize("status", ["queued", "interrupted"])
    def test_what_nobody_works_on_is_cancelled_at_once(
        self, database: Database, collection: CollectionRecord, status: JobStatus
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _finish(database, job.id, status)

        cancelled = _cancel(database, job.id)

        assert cancelled.status == "cancelled"
        assert cancelled.finished_at is not None

    def test_a_running_job_is_asked_to_stop(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)

        asked = _cancel(database, job.id)

        assert (asked.status, asked.cancel_requested) == ("running", True)
        assert _beat(database, job.id) is True

    def test_a_dead_worker_s_job_is_cancelled_at_once(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        _age(database, job.id, STALE_AFTER_S + 5)

        assert _cancel(database, job.id).status == "cancelled"
        with pytest.raises(JobLost):
            _beat(database, job.id)

    @pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
    def test_a_finished_job_is_left_as_it_is(
        self, database: Database, collection: CollectionRecord, status: JobStatus
    ) -> None:
        job = _claim(database, _create(database, collection).id)
        finished = _finish(database, job.id, status)

        assert _cancel(database, job.id) == finished


class TestResumable:
    @pytest.mark.parametrize("status", ["queued", "interrupted", "running"])
    def test_finds_the_unfinished_job_of_the_same_work(
        self, database: Database, collection: CollectionRecord, status: JobStatus
    ) -> None:
        _create(database, collection)
        job = _create(database, collection)
        _claim(database, job.id)
        _finish(database, job.id, status)

        found = _resumable(database, collection, "photos", OPTIONS)

        assert found is not None
        assert found.id == job.id

    def test_other_work_is_not_resumed(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        mugs = make_collection(database, "mugs")
        _create(database, collection)

        assert _resumable(database, collection, "other", OPTIONS) is None
        assert _resumable(database, collection, None, OPTIONS) is None
        assert _resumable(database, collection, "photos", {}) is None
        assert _resumable(database, mugs, "photos", OPTIONS) is None
        assert _resumable(database, collection, "photos", OPTIONS, kind="reindex") is None

    def test_finished_work_is_not_resumed(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        for status in ("done", "failed", "cancelled"):
            job = _claim(database, _create(database, collection).id)
            _finish(database, job.id, status)

        assert _resumable(database, collection, "photos", OPTIONS) is None

    def test_a_job_without_source_is_found_too(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        with database.write() as connection:
            job = Jobs(connection).create("reindex", collection.id, source=None, options={})

        assert _resumable(database, collection, None, {}, kind="reindex") == job


class TestFailures:
    def test_come_back_in_the_order_of_the_source(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _create(database, collection)
        failures = [
            Failure(
                position, f"p{position}", f"{position}.jpg", "picture-unreadable", "It is torn."
            )
            for position in (3, 1, 2, 12)
        ]
        with database.write() as connection:
            Jobs(connection).add_failures(job.id, failures[:2])
            Jobs(connection).add_failures(job.id, [])
            Jobs(connection).add_failures(job.id, failures[2:])

        with database.read() as connection:
            jobs = Jobs(connection)
            assert [each.position for each in jobs.failures(job.id, limit=9)] == [1, 2, 3, 12]
            assert jobs.failures(job.id, limit=1, offset=1) == [failures[2]]
            assert jobs.failure_count(job.id) == 4
            assert jobs.failures(job.id + 1, limit=9) == []

    def test_report_even_what_cannot_be_stored(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job = _create(database, collection)
        bad = Failure(1, "half \ud83d", "caf\udce9.jpg", "product-invalid", "NUL \x00 inside")
        with database.write() as connection:
            Jobs(connection).add_failures(job.id, [bad, Failure(2, None, None, "x", "y")])

        with database.read() as connection:
            first, second = Jobs(connection).failures(job.id, limit=9)
        assert (first.item_id, first.source) == ("half ?", "caf?.jpg")
        assert first.message == "NUL \ufffd inside"
        assert (second.item_id, second.source) == (None, None)

    def test_are_cleared_when_a_job_starts_over(
        self, database: Database, collection: CollectionRecord
    ) -> None:
        job, other = (_create(database, collection) for _ in range(2))
        with database.write() as connection:
            for each in (job, other):
                Jobs(connection).add_failures(each.id, [Failure(1, "p", None, "x", "y")])
            Jobs(connection).clear_failures(job.id)

        with database.read() as connection:
            assert Jobs(connection).failure_count(job.id) == 0
            assert Jobs(connection).failure_count(other.id) == 1


def _create(database: Database, collection: CollectionRecord) -> JobRecord:
    with database.write() as connection:
        return Jobs(connection).create("index", collection.id, source="photos", options=OPTIONS)


def _claim(
    database: Database,
    job_id: int,
    worker: str = "w1",
    is_gone: Callable[[str], bool] | None = None,
) -> JobRecord:
    with database.write() as connection:
        return Jobs(connection, is_gone).claim(job_id, worker)


def _next(database: Database, worker: str) -> int | None:
    with database.write() as connection:
        job = Jobs(connection).claim_next(worker)
    return None if job is None else job.id


def _beat(database: Database, job_id: int, **progress: Any) -> bool:
    with database.write() as connection:
        return Jobs(connection).beat(job_id, "w1", **progress)


def _finish(database: Database, job_id: int, status: JobStatus) -> JobRecord:
    with database.write() as connection:
        return Jobs(connection).finish(job_id, "w1", status)


def _cancel(database: Database, job_id: int) -> JobRecord:
    with database.write() as connection:
        return Jobs(connection).request_cancel(job_id)


def _resumable(
    database: Database,
    collection: CollectionRecord,
    source: str | None,
    options: dict[str, Any],
    kind: JobKind = "index",
) -> JobRecord | None:
    with database.read() as connection:
        return Jobs(connection).resumable(kind, collection.id, source=source, options=options)


def _age(database: Database, job_id: int, seconds: float) -> None:
    """As if the worker had been silent that long."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    with database.write() as connection:
        connection.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=then))
