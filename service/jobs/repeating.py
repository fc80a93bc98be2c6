"""The same job again: for one that failed or was cancelled, once the reason is gone."""

from catalog.collections import Collections
from catalog.errors import JobConflict
from catalog.jobs import Jobs
from catalog.records import JobRecord
from ingestion.uploads import UploadFolders
from retrieval.home import Home

ORIGIN = "http"
"""Of jobs that came over HTTP; what they may read is bounded."""


def repeated(job_id: int, home: Home) -> JobRecord:
    """A new job with the kind, source and options of that one. Raises JobUnknown, JobConflict."""
    with home.database.write() as connection:
        jobs = Jobs(connection)
        job = jobs.get(job_id)
        reason = why_not_repeatable(job, home)
        if reason is not None:
            raise JobConflict(f"Job {job_id} {reason}")
        collection = Collections(connection).get(job.collection)
        return jobs.create(job.kind, collection.id, source=job.source, options=job.options)


def why_not_repeatable(job: JobRecord, home: Home) -> str | None:
    """None for a job that can be; else the reason, to be read after the job's name."""
    if job.finished_at is None:
        return f"is {job.status}. Wait until it has ended, or cancel it first."
    if job.options.get("origin") != ORIGIN:
        return "did not come over HTTP. Start it again where it was started."
    if job.options.get("upload") is not None and not _is_there(job, home):
        return "has read its upload, which is no longer here. Send the files again."
    return None


def _is_there(job: JobRecord, home: Home) -> bool:
    folder = UploadFolders(home.root).containing(job.source or "")
    return folder is not None and folder.is_dir()
