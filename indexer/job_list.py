"""What `likeness jobs …` prints."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog.jobs import Jobs
from indexer.failure_report import failures_of
from indexer.identity import is_gone
from indexer.settings import IndexerSettings
from indexer.summary import job_json
from retrieval.home import Home


def print_jobs(limit: int, *, as_json: bool) -> None:
    with Home(IndexerSettings.read()) as home, home.database.read() as connection:
        jobs = Jobs(connection).recent(limit=limit)
    if as_json:
        _print_json([job_json(job) for job in jobs])
        return
    if not jobs:
        _console().print("There are no jobs yet. Start one with: likeness index SOURCE")
        return
    table = Table("job", "kind", "collection", "status", "items", "failed", "source")
    for job in jobs:
        items = f"{job.cursor}" if job.total is None else f"{job.cursor}/{job.total}"
        status = f"{job.status} ({job.stage})" if job.stage else job.status
        source = Text(job.source or "", overflow="fold")
        table.add_row(str(job.id), job.kind, job.collection, status, items, str(job.failed), source)
    _console().print(table)


def print_job(job_id: int, *, as_json: bool) -> None:
    """Raises JobUnknown."""
    with Home(IndexerSettings.read()) as home, home.database.read() as connection:
        job = Jobs(connection).get(job_id)
    if as_json:
        _print_json(job_json(job))
        return
    table = Table(show_header=False, box=None)
    for name, value in job_json(job).items():
        if value is not None and value != "":
            table.add_row(name, Text(str(value), overflow="fold"))
    _console().print(table)


def print_failures(job_id: int, *, as_json: bool) -> None:
    """Raises JobUnknown. With `as_json` a line of JSON a failure."""
    with Home(IndexerSettings.read()) as home:
        with home.database.read() as connection:
            Jobs(connection).get(job_id)
        console = _console()
        count = 0
        for failure in failures_of(home.database, job_id):
            count += 1
            if as_json:
                print(json.dumps(asdict(failure), ensure_ascii=False))
                continue
            names = [name for name in (failure.item_id, failure.source) if name]
            console.print(
                f"{failure.position}  {' '.join(dict.fromkeys(names))}  [{failure.code}]\n"
                f"    {failure.message}"
            )
    if count == 0 and not as_json:
        console.print(f"Nothing failed in job {job_id}.")


def cancel(job_id: int) -> None:
    """Raises JobUnknown."""
    with Home(IndexerSettings.read()) as home, home.database.write() as connection:
        job = Jobs(connection, is_gone).request_cancel(job_id)
    if job.status == "running":
        _console().print(f"Job {job_id} will stop within seconds; what it has committed stays.")
    elif job.status == "cancelled":
        _console().print(f"Job {job_id} is cancelled; what it has committed stays.")
    else:
        _console().print(f"Job {job_id} has already ended: {job.status}.")


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False, markup=False)


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
