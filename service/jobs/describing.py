"""A job as it is answered."""

from datetime import UTC, datetime
from typing import Any

from catalog.records import Failure, JobRecord
from service.jobs.repeating import ORIGIN, why_not_repeatable
from service.replies import public_source
from service.state import ServiceState


def job_json(job: JobRecord, state: ServiceState) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "collection": job.collection,
        "source": _source(job),
        "upload": job.options.get("upload"),
        "status": job.status,
        "stage": job.stage,
        "progress": _progress(job),
        "indexed": job.indexed,
        "unchanged": job.unchanged,
        "failed": job.failed,
        "pruned": job.pruned,
        "cancel_requested": job.cancel_requested,
        "repeatable": why_not_repeatable(job, state.home) is None,
        "error": None if job.error is None else state.public(_without_path(job.error, job)),
        "release_id": job.release_id,
        "created_at": job.created_at.isoformat(),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
    }


def failure_json(failure: Failure, job: JobRecord, state: ServiceState) -> dict[str, Any]:
    return {
        "position": failure.position,
        "id": failure.item_id,
        "source": public_source(failure.source),
        "code": failure.code,
        "message": state.public(_without_path(failure.message, job)),
    }


def _progress(job: JobRecord) -> dict[str, Any]:
    done = job.indexed + job.unchanged + job.failed
    elapsed = rate = eta = None
    if job.started_at is not None:
        until = job.finished_at or datetime.now(UTC)
        elapsed = max(0.0, (until - job.started_at).total_seconds())
    if elapsed and done:
        rate = done / elapsed
        if job.total is not None and job.status == "running":
            eta = round(max(0, job.total - done) / rate, 1)
    return {
        "done": done,
        "total": job.total,
        "elapsed_s": None if elapsed is None else round(elapsed, 1),
        "rate_per_s": None if rate is None else round(rate, 2),
        "eta_s": eta,
    }


def _source(job: JobRecord) -> str | None:
    """As it was sent; of jobs begun on the command line, paths of this machine are not told."""
    return job.source if job.options.get("origin") == ORIGIN else public_source(job.source)


def _without_path(text: str, job: JobRecord) -> str:
    if job.source is None or _source(job) is not None:
        return text
    return text.replace(job.source, "SOURCE")


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
