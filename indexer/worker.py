"""`likeness worker`: takes jobs from the queue, one at a time.

While there is nothing to do it holds little more than a database connection: models, the index
library and the pipeline are imported when the first job comes.
"""

import logging
import os
import threading
import time

from catalog.collections import Collections
from catalog.errors import DatabaseError, JobConflict, JobLost
from catalog.jobs import Jobs
from catalog.records import JobRecord
from catalog.releases import Releases
from indexer.clearing import clear_uploads
from indexer.identity import is_gone, own_identity
from indexer.settings import IndexerSettings
from indexer.signals import stopped_by_signals
from indexer.stopping import Stop
from retrieval.home import Home

logger = logging.getLogger(__name__)

_PARENT_LOOK_S = 0.5
_CLEAR_EVERY_S = 3600.0


def work(*, until_idle: bool, exit_with_parent: int | None) -> None:
    """Until a signal comes; with `until_idle` until no job waits. A job at hand is queued again."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker: %(message)s")
    for name in ("alembic", "faiss"):  # what they say of themselves is no news of a job
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = IndexerSettings.read()
    stop = Stop()
    if exit_with_parent is not None:
        _watch_parent(exit_with_parent, stop)
    with Home(settings) as home, stopped_by_signals(stop, "queued"):
        Worker(home, settings, stop).run(until_idle=until_idle)


class Worker:
    """Claims and runs jobs of every collection until asked to stop.

    Also publishes a new release of a collection whose live changes have become many, as a reindex
    job of its own, and clears uploads that no job needs any more: at its start, after each job, and
    once an hour.
    """

    def __init__(self, home: Home, settings: IndexerSettings, stop: Stop) -> None:
        self._home = home
        self._settings = settings
        self._stop = stop
        self._identity = own_identity()
        self._compacted: dict[int, int] = {}
        self._cleared_at = float("-inf")

    def run(self, *, until_idle: bool = False) -> None:
        """A database that cannot be asked for a while is waited for."""
        while not self._stop.is_requested:
            try:
                self._clear_uploads()
                job = self._next_job() or self._compaction()
            except DatabaseError as error:
                logger.warning("cannot look for jobs: %s", error)
                self._stop.wait(self._settings.worker_poll_s)
                continue
            if job is not None:
                self._run(job)
                self._cleared_at = float("-inf")
            elif until_idle:
                return
            else:
                self._stop.wait(self._settings.worker_poll_s)

    def _clear_uploads(self) -> None:
        if time.monotonic() - self._cleared_at < _CLEAR_EVERY_S:
            return
        self._cleared_at = time.monotonic()
        clear_uploads(self._home, kept_h=self._settings.job_uploads_kept_h)

    def _next_job(self) -> JobRecord | None:
        with self._home.database.write() as connection:
            return Jobs(connection, is_gone).claim_next(self._identity)

    def _compaction(self) -> JobRecord | None:
        """A job for a collection whose live changes are many, unless something is at work on it."""
        for collection_id in self._swollen():
            try:
                with self._home.database.write() as connection:
                    jobs = Jobs(connection, is_gone)
                    job = jobs.create(
                        "reindex", collection_id, source=None, options={"origin": "worker"}
                    )
                    return jobs.claim(job.id, self._identity)
            except JobConflict:
                continue
        return None

    def _swollen(self) -> list[int]:
        """Collections that many changes separate from their release, and from the last try."""
        swollen = []
        with self._home.database.read() as connection:
            for state in Collections(connection).states():
                release = Releases(connection).find(state.release_id)
                covered = max(
                    release.sequence if release is not None else 0,
                    self._compacted.get(state.id, 0),
                )
                if state.last_sequence - covered >= self._settings.compact_after_changes:
                    self._compacted[state.id] = state.last_sequence
                    swollen.append(state.id)
        return swollen

    def _run(self, job: JobRecord) -> None:
        from indexer.running import JobRunner

        logger.info("job %d begins: %s %s", job.id, job.kind, job.source or job.collection)
        runner = JobRunner(self._home, self._settings, worker=self._identity, stop=Stop(self._stop))
        try:
            end = runner.run(job)
        except JobLost as error:
            logger.warning("%s", error)
        except DatabaseError as error:
            logger.error("job %d: %s", job.id, error)
        except Exception:
            # A defect in one job is no reason to leave all others undone.
            logger.exception("job %d broke off", job.id)
        else:
            logger.info(
                "job %d %s: %d indexed, %d unchanged, %d failed%s",
                job.id,
                end.job.status,
                end.job.indexed,
                end.job.unchanged,
                end.job.failed,
                "" if end.error is None else f". {end.error}",
            )


def _watch_parent(parent: int, stop: Stop) -> None:
    # Its number was handed in: a parent that died while this process started cannot be asked for.
    def watch() -> None:
        while os.getppid() == parent and not stop.wait(_PARENT_LOOK_S):
            pass
        stop.request("queued")

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
