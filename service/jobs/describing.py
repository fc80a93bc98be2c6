"""A job as it is answered."""

from datetime import UTC, datetime
from pathlib import PurePosixPath
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
        "error": None if job.error is None else _public(job.error, job, state),
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
        "message": _public(failure.message, job, state),
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


def _public(message: str, job: JobRecord, state: ServiceState) -> str:
    """A message without places of this machine; what was uploaded has the path it was sent with."""
    if job.source is not None and job.options.get("upload") is not None:
        # `uploads/ID/files`, or where a zip was unpacked: whoever sent the files knows none of it.
        sent = state.home.root.joinpath(*PurePosixPath(job.source).parts[:3])
        message = message.replace(f"{sent}/", "")
    elif job.source is not None and _source(job) is None:
        message = message.replace(job.source, "SOURCE")
    return state.public(message)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
