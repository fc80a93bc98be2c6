"""A job as it is answered."""

from datetime import UTC, datetime
from typing import Any

from catalog.records import Failure, JobRecord
from service.replies import public_source
from service.state import ServiceState

ORIGIN = "http"


def job_json(job: JobRecord, state: ServiceState) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "collection": job.collection,
        "source": _source(job),
        "status": job.status,
        "stage": job.stage,
        "progress": _progress(job),
        "indexed": job.indexed,
        "unchanged": job.unchanged,
        "failed": job.failed,
        "pruned": job.pruned,
        "cancel_requested": job.cancel_requested,
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
    rate = eta = None
    if job.started_at is not None and done:
        until = job.finished_at or datetime.now(UTC)
        seconds = (until - job.started_at).total_seconds()
        rate = round(done / seconds, 2) if seconds > 0 else None
        if rate and job.total is not None and job.status == "running":
            eta = round(max(0, job.total - done) / rate, 1)
    return {"done": done, "total": job.total, "rate_per_s": rate, "eta_s": eta}


def _source(job: JobRecord) -> str | None:
    """As it was sent; of jobs begun on the command line, paths of this machine are not told."""
    return job.source if job.options.get("origin") == ORIGIN else public_source(job.source)


def _without_path(text: str, job: JobRecord) -> str:
    if job.source is None or _source(job) is not None:
        return text
    return text.replace(job.source, "SOURCE")


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
