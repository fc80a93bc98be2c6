"""Making a job and claiming it: the newest unfinished one of the same kind is gone on with."""

from collections.abc import Mapping
from typing import Any

from catalog.database import Database
from catalog.jobs import Jobs
from catalog.records import CollectionRecord, JobKind, JobRecord
from indexer.identity import is_gone


def claimed(
    database: Database,
    kind: JobKind,
    collection: CollectionRecord,
    *,
    source: str | None,
    options: Mapping[str, Any],
    worker: str,
) -> JobRecord:
    """A job that is this worker's: one that was left unfinished, else a new one.

    Raises JobConflict, and leaves nothing behind, when another process is at work on the
    collection.
    """
    # One transaction: no other worker may pick the new job up before it is claimed.
    with database.write() as connection:
        jobs = Jobs(connection, is_gone)
        job = jobs.resumable(kind, collection.id, source=source, options=options) or jobs.create(
            kind, collection.id, source=source, options=options
        )
        return jobs.claim(job.id, worker)
