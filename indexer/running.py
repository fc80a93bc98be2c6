"""Running one claimed job to its end, whatever that is: done, failed, cancelled, interrupted."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.errors import CatalogError, DatabaseError, JobLost, JobUnknown
from catalog.jobs import Jobs
from catalog.records import JobRecord, JobStatus
from embedding.errors import EmbeddingError
from fetching.errors import FetchError
from indexer.errors import IndexerError
from indexer.heart import Heart
from indexer.indexing import IndexJob
from indexer.job import Job, Watch
from indexer.reindexing import ReindexJob
from indexer.settings import IndexerSettings
from indexer.stopping import Stop, Stopped
from retrieval.errors import RetrievalError
from retrieval.home import Home
from vector_index.errors import VectorIndexError

logger = logging.getLogger(__name__)

_FORESEEN = (
    CatalogError,
    EmbeddingError,
    FetchError,
    IndexerError,
    RetrievalError,
    VectorIndexError,
)


@dataclass(frozen=True)
class JobEnd:
    """How a run of a job ended. `notes` are for the person who started it; `error` is what ended
    a failed job."""

    job: JobRecord
    notes: Sequence[str] = ()
    error: Exception | None = None


class JobRunner:
    """Runs jobs that `worker` has claimed, one at a time."""

    def __init__(
        self,
        home: Home,
        settings: IndexerSettings,
        *,
        worker: str,
        stop: Stop,
        watch: Watch | None = None,
    ) -> None:
        self._home = home
        self._settings = settings
        self._worker = worker
        self._stop = stop
        self._watch = watch or Watch()

    def run(self, record: JobRecord) -> JobEnd:
        """Raises JobLost when another worker took over; everything foreseen ends in the job.

        What is not foreseen is a defect: the job is failed all the same, and the error raised.
        """
        job = Job(self._home, record, self._worker, self._stop, self._watch)
        heart = Heart(
            self._home.database,
            record.id,
            self._worker,
            self._stop,
            beat_s=self._settings.heartbeat_s,
        )
        with heart:
            try:
                release_id = self._work(job)
            except Stopped as stopped:
                if stopped.reason == "lost":
                    raise JobLost(
                        f"Job {record.id} was taken over by another worker, or its collection was "
                        "deleted; this one stops. Nothing that was committed is lost."
                    ) from stopped
                return self._ended(job, stopped.reason)
            except JobLost:
                raise
            except _FORESEEN as error:
                return self._ended(job, "failed", error=error)
            except Exception as error:
                self._ended(job, "failed", error=error)
                raise
        return self._ended(job, "done", release_id=release_id)

    def _work(self, job: Job) -> int | None:
        if job.record.kind == "reindex":
            return ReindexJob(self._home, self._settings, job).run()
        return IndexJob(self._home, self._settings, job).run()

    def _ended(
        self,
        job: Job,
        status: JobStatus,
        *,
        error: Exception | None = None,
        release_id: int | None = None,
    ) -> JobEnd:
        text = None if error is None else str(error) or type(error).__name__
        try:
            with self._home.database.write() as connection:
                record = Jobs(connection).finish(
                    job.record.id, self._worker, status, error=text, release_id=release_id
                )
        except JobUnknown as gone:
            raise JobLost(
                f"Job {job.record.id} is gone, for its collection was deleted; this run stops."
            ) from gone
        except DatabaseError as unwritten:
            # A full disk, most often. The claim lapses and whoever comes next goes on.
            logger.warning("job %d: its end could not be written: %s", job.record.id, unwritten)
            with self._home.database.read() as connection:
                record = Jobs(connection).get(job.record.id)
        return JobEnd(record, tuple(job.notes), error)
