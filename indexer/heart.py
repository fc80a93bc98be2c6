"""The sign of life of a running job, and its ear: cancelled? taken over?"""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from catalog.database import Database
from catalog.errors import DatabaseError, JobLost, JobUnknown
from catalog.jobs import Jobs
from indexer.stopping import Stop

logger = logging.getLogger(__name__)

LISTEN_S = 0.5


class Heart:
    """Beats for a job on a thread of its own, however long a stage takes; use it with `with`.

    `stop` is requested when somebody cancels the job, or when another worker has taken it over.
    """

    def __init__(
        self, database: Database, job_id: int, worker: str, stop: Stop, *, beat_s: float
    ) -> None:
        self._database = database
        self._job_id = job_id
        self._worker = worker
        self._stop = stop
        self._beat_s = beat_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heart", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _live(self) -> None:
        last_beat = time.monotonic()
        while not self._ended.wait(LISTEN_S):
            try:
                if time.monotonic() - last_beat >= self._beat_s:
                    self._beat()
                    last_beat = time.monotonic()
                else:
                    self._listen()
            except (JobLost, JobUnknown):
                self._stop.request("lost")
                return
            except DatabaseError as error:
                # The job's own transactions will say so too, if it lasts.
                logger.warning("job %d: no sign of life: %s", self._job_id, error)

    def _beat(self) -> None:
        with self._database.write() as connection:
            if Jobs(connection).beat(self._job_id, self._worker):
                self._stop.request("cancelled")

    def _listen(self) -> None:
        with self._database.read() as connection:
            job = Jobs(connection).get(self._job_id)
        if job.worker != self._worker:
            raise JobLost(f"Job {self._job_id} is now the work of {job.worker}.")
        if job.cancel_requested:
            self._stop.request("cancelled")
