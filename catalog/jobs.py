"""Bulk jobs: a queue in the database, one job a collection at a time.

A worker claims a job, keeps its heartbeat fresh and writes its progress in the same transactions
as the products. A job whose worker died is claimed by the next one and goes on from its cursor.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from catalog.errors import JobConflict, JobLost, JobUnknown
from catalog.records import Failure, JobKind, JobRecord, JobStatus
from catalog.tables import Collection, Job, JobFailure

# A worker beats every few seconds; one that was silent this long is taken for dead.
STALE_AFTER_S = 30.0


class Jobs:
    """Reads and writes of jobs and their failures, inside the caller's transaction.

    `is_gone(worker)` may know at once that a worker is dead (its process on this machine ended);
    otherwise silence decides.
    """

    def __init__(
        self, connection: Connection, is_gone: Callable[[str], bool] | None = None
    ) -> None:
        self._connection = connection
        self._is_gone = is_gone

    def create(
        self, kind: JobKind, collection_id: int, *, source: str | None, options: Mapping[str, Any]
    ) -> JobRecord:
        """A new job at the end of the queue."""
        job_id = self._connection.execute(
            insert(Job)
            .values(
                kind=kind,
                collection_id=collection_id,
                source=source,
                options=dict(options),
                status="queued",
                stage="",
                cursor=0,
                indexed=0,
                unchanged=0,
                failed=0,
                pruned=0,
                cancel_requested=False,
                created_at=datetime.now(UTC),
            )
            .returning(Job.id)
        ).scalar_one()
        return self.get(job_id)

    def get(self, job_id: int) -> JobRecord:
        """Raises JobUnknown."""
        # Beyond 64 bits no database has an id to compare with.
        known = 0 < job_id < 2**63
        row = self._connection.execute(_jobs().where(Job.id == job_id)).first() if known else None
        if row is None:
            raise JobUnknown(f"There is no job {job_id}; see `likeness jobs list` or GET /v1/jobs.")
        return _record(row)

    def recent(
        self, *, limit: int, offset: int = 0, collection_id: int | None = None
    ) -> list[JobRecord]:
        """The newest first."""
        query = _jobs().order_by(Job.id.desc()).limit(limit).offset(offset)
        if collection_id is not None:
            query = query.where(Job.collection_id == collection_id)
        return [_record(row) for row in self._connection.execute(query)]

    def with_source_below(self, folder: str) -> list[JobRecord]:
        """The jobs whose source is that folder or lies in it; the newest first."""
        inside = Job.source.startswith(folder + "/", autoescape=True)
        query = _jobs().where((Job.source == folder) | inside).order_by(Job.id.desc())
        return [_record(row) for row in self._connection.execute(query)]

    def resumable(
        self, kind: JobKind, collection_id: int, *, source: str | None, options: Mapping[str, Any]
    ) -> JobRecord | None:
        """The newest unfinished job of the same kind, source and options, if any."""
        rows = self._connection.execute(
            _jobs()
            .where(
                Job.collection_id == collection_id,
                Job.kind == kind,
                Job.source.is_(None) if source is None else Job.source == source,
                Job.status.in_(("queued", "interrupted", "running")),
            )
            .order_by(Job.id.desc())
        )
        return next((_record(row) for row in rows if row.options == dict(options)), None)

    def claim(self, job_id: int, worker: str) -> JobRecord:
        """Make the job this worker's.

        Raises:
            JobUnknown: there is no such job.
            JobConflict: it is finished, or a living worker is at work on it or its collection.
        """
        self.get(job_id)
        self._hold_collection_of(job_id)
        job = self.get(job_id)
        if job.status not in ("queued", "interrupted", "running"):
            raise JobConflict(f"Job {job_id} is already {job.status}; start a new one.")
        busy = self._living_job(self._collection_id(job_id))
        if busy is not None:
            raise JobConflict(
                f"Job {busy.id} is already at work on collection {busy.collection!r} (worker "
                f"{busy.worker}). Wait for it to end, or cancel it: likeness jobs cancel {busy.id}."
            )
        return self._take(job_id, worker)

    def claim_next(self, worker: str) -> JobRecord | None:
        """The oldest job that can be worked on now: queued, or left by a dead worker."""
        waiting = select(Job.id, Job.collection_id).where(Job.status.in_(("queued", "running")))
        for job_id, collection_id in self._connection.execute(waiting.order_by(Job.id)).all():
            if self._living_job(collection_id) is not None:
                continue
            # Looked at again once it is ours to decide: another worker may have been first.
            self._hold_collection_of(job_id)
            still_waits = self._connection.execute(waiting.where(Job.id == job_id)).first()
            if still_waits and self._living_job(collection_id) is None:
                return self._take(job_id, worker)
        return None

    def beat(self, job_id: int, worker: str, **progress: Any) -> bool:
        """Keep the claim and write progress; True when somebody asked for the job to stop.

        Raises:
            JobLost: another worker has taken the job over; stop without writing anything.
        """
        row = self._connection.execute(
            update(Job)
            .where(Job.id == job_id, Job.worker == worker, Job.status == "running")
            .values(heartbeat_at=datetime.now(UTC), **progress)
            .returning(Job.cancel_requested)
        ).first()
        if row is None:
            raise JobLost(
                f"Job {job_id} is no longer this worker's ({worker}): it was cancelled or taken "
                "over by another worker. Nothing is lost; the other worker goes on."
            )
        return bool(row[0])

    def finish(
        self,
        job_id: int,
        worker: str,
        status: JobStatus,
        *,
        error: str | None = None,
        release_id: int | None = None,
    ) -> JobRecord:
        """End the claim; `queued` and `interrupted` leave the job to be gone on with."""
        ended = status in ("done", "failed", "cancelled")
        self._connection.execute(
            update(Job)
            .where(Job.id == job_id, Job.worker == worker, Job.status == "running")
            .values(
                status=status,
                stage="",
                error=_readable(error),
                release_id=release_id,
                worker=None,
                finished_at=datetime.now(UTC) if ended else None,
            )
        )
        return self.get(job_id)

    def request_cancel(self, job_id: int) -> JobRecord:
        """Ask for the job to stop; one that nobody works on is cancelled at once.

        Raises JobUnknown; a job that has ended is left as it is.
        """
        self.get(job_id)
        # Held, so that a worker cannot claim or finish it between the look and the decision.
        self._connection.execute(select(Job.id).where(Job.id == job_id).with_for_update())
        job = self.get(job_id)
        if job.status in ("queued", "interrupted") or (
            job.status == "running" and not self._lives(job)
        ):
            self._connection.execute(
                update(Job)
                .where(Job.id == job_id)
                .values(status="cancelled", worker=None, finished_at=datetime.now(UTC))
            )
        elif job.status == "running":
            self._connection.execute(
                update(Job).where(Job.id == job_id).values(cancel_requested=True)
            )
        return self.get(job_id)

    def add_failures(self, job_id: int, failures: Sequence[Failure]) -> None:
        if failures:
            self._connection.execute(
                insert(JobFailure),
                [
                    {
                        "job_id": job_id,
                        "position": failure.position,
                        "item_id": _readable(failure.item_id),
                        "source": _readable(failure.source),
                        "code": failure.code,
                        "message": _readable(failure.message),
                    }
                    for failure in failures
                ],
            )

    def clear_failures(self, job_id: int) -> None:
        """Forget what failed, when a job starts its source from the beginning again."""
        self._connection.execute(delete(JobFailure).where(JobFailure.job_id == job_id))

    def failures(self, job_id: int, *, limit: int, offset: int = 0) -> list[Failure]:
        """In the order of the source."""
        rows = self._connection.execute(
            select(
                JobFailure.position,
                JobFailure.item_id,
                JobFailure.source,
                JobFailure.code,
                JobFailure.message,
            )
            .where(JobFailure.job_id == job_id)
            .order_by(JobFailure.position, JobFailure.id)
            .limit(limit)
            .offset(offset)
        )
        return [Failure(*row) for row in rows]

    def failure_count(self, job_id: int) -> int:
        return self._connection.execute(
            select(func.count()).select_from(JobFailure).where(JobFailure.job_id == job_id)
        ).scalar_one()

    def _take(self, job_id: int, worker: str) -> JobRecord:
        now = datetime.now(UTC)
        self._connection.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(
                status="running",
                worker=worker,
                heartbeat_at=now,
                error=None,
                started_at=func.coalesce(Job.started_at, now),
            )
        )
        return self.get(job_id)

    def _hold_collection_of(self, job_id: int) -> None:
        """Keep others from claiming; in the order writers lock: the collection before its jobs."""
        self._connection.execute(
            select(Collection.id)
            .join(Job, Job.collection_id == Collection.id)
            .where(Job.id == job_id)
            .with_for_update(of=Collection, key_share=True)
        )

    def _collection_id(self, job_id: int) -> int:
        return self._connection.execute(
            select(Job.collection_id).where(Job.id == job_id)
        ).scalar_one()

    def _living_job(self, collection_id: int) -> JobRecord | None:
        rows = self._connection.execute(
            _jobs().where(Job.collection_id == collection_id, Job.status == "running")
        )
        return next((job for job in map(_record, rows) if self._lives(job)), None)

    def _lives(self, job: JobRecord) -> bool:
        if job.worker is None or job.heartbeat_at is None:
            return False
        if self._is_gone is not None and self._is_gone(job.worker):
            return False
        return datetime.now(UTC) - job.heartbeat_at < timedelta(seconds=STALE_AFTER_S)


def _readable(text: str | None) -> str | None:
    """What failed is often the text itself; the report of it must not fail too."""
    if text is None:
        return None
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def _jobs() -> Select[Any]:
    columns = [column for column in Job.__table__.columns if column.name != "collection_id"]
    return select(*columns, Collection.name.label("collection")).join(
        Collection, Collection.id == Job.collection_id
    )


def _record(row: Row[Any]) -> JobRecord:
    return JobRecord(**row._mapping)
