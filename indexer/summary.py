"""How a job ended, for a tired person or for a program."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape

from catalog.jobs import Jobs
from catalog.records import Failure, JobRecord, ReleaseRecord
from catalog.releases import Releases
from indexer.failure_report import FailureReport
from indexer.running import JobEnd
from retrieval.home import Home

_FIRST_FAILURES = 5
_ENDED = {
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
    "queued": "Waiting for a worker",
    "running": "Broken off",
}


def print_end(
    home: Home,
    end: JobEnd,
    *,
    seconds: float,
    again: str,
    as_json: bool,
    report: FailureReport | None,
) -> None:
    """What came of a job that ran here; `again` is the command that goes on with it."""
    with home.database.read() as connection:
        release = Releases(connection).find(end.job.release_id)
        failures = Jobs(connection).failures(end.job.id, limit=_FIRST_FAILURES)
        failure_count = Jobs(connection).failure_count(end.job.id)
    if as_json:
        shown = job_json(end.job) | {
            "notes": list(end.notes),
            "seconds": round(seconds, 3),
            "agreement": None if release is None else release.agreement,
            "failures": [asdict(failure) for failure in failures],
            "failure_count": failure_count,
        }
        if end.error is not None:
            shown["code"] = getattr(end.error, "code", "internal-error")
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(_headline(end.job, seconds))
    for line in [*_counts(end.job), *_released(release), *end.notes]:
        console.print(f"  {line}")
    if failure_count:
        for line in _failed(end.job, failures, failure_count, report):
            console.print(f"  {line}")
    if end.error is not None:
        errors = Console(stderr=True, soft_wrap=True, highlight=False)
        errors.print(f"[red]error:[/red] {escape(str(end.error))}")
    if end.job.status in ("interrupted", "cancelled", "running"):
        console.print(f"Everything up to here is kept. To go on: {again}")


def job_json(job: JobRecord) -> dict[str, Any]:
    """A job as JSON takes it; moments in ISO 8601."""
    fields = asdict(job)
    for name in ("heartbeat_at", "created_at", "started_at", "finished_at"):
        fields[name] = None if fields[name] is None else fields[name].isoformat()
    return fields


def _headline(job: JobRecord, seconds: float) -> str:
    what = "reindexing" if job.source is None else f"indexing {job.source} into"
    ended = _ENDED[job.status]
    return f"{ended}: {what} collection {job.collection!r}, job {job.id}, {seconds:.1f} s."


def _counts(job: JobRecord) -> list[str]:
    counts = [f"{job.indexed} indexed", f"{job.unchanged} unchanged", f"{job.failed} failed"]
    if job.pruned or job.options.get("prune"):
        counts.append(f"{job.pruned} pruned")
    of_total = "" if job.total is None else f" (at {job.cursor} of {job.total})"
    return [", ".join(counts) + ("" if job.status == "done" else of_total)]


def _released(release: ReleaseRecord | None) -> list[str]:
    if release is None:
        return []
    return [
        f"release {release.id}: {release.count} pictures under {release.model_name}, "
        f"{release.recipe}, {release.agreement:.1%} agreement with exact search"
    ]


def _failed(
    job: JobRecord, failures: list[Failure], count: int, report: FailureReport | None
) -> list[str]:
    lines = ["What failed:"]
    for each in failures:
        # The message often names the item itself; else it must be said which it was.
        name = each.item_id or each.source or f"item {each.position}"
        lines.append(
            f"  {name}: {each.message}" if name not in each.message else f"  {each.message}"
        )
    if count > len(failures):
        lines.append(f"  … and {count - len(failures)} more")
    where = f"likeness jobs failures {job.id}"
    lines.append(f"Full report: {where if report is None else report.path}")
    return lines
