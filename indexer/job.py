"""A claimed job in the hands of its worker: stages, progress, stopping."""

from collections.abc import Sequence
from typing import Any

from catalog.jobs import Jobs
from catalog.records import JobRecord
from indexer.counts import Counts
from indexer.stopping import Stop
from retrieval.home import Home


class Watch:
    """Whoever looks on while a job runs; this one does not care."""

    def on_stage(self, stage: str) -> None:
        del stage

    def on_hints(self, hints: Sequence[str]) -> None:
        del hints

    def on_progress(self, counts: Counts) -> None:
        del counts


class Job:
    """A job row that this worker holds the claim on. `notes` are told to the user at the end."""

    def __init__(
        self, home: Home, record: JobRecord, worker: str, stop: Stop, watch: Watch
    ) -> None:
        self._home = home
        self.record = record
        self.worker = worker
        self.stop = stop
        self.watch = watch
        self.notes: list[str] = []

    def option(self, name: str) -> Any:
        """An option of the job; None when it was not given."""
        return self.record.options.get(name)

    def enter(self, stage: str) -> None:
        """Begin a stage, for everyone to see; raises Stopped, JobLost."""
        self.stop.check()
        self.write(stage=stage)
        self.watch.on_stage(stage)

    def write(self, **progress: Any) -> None:
        """Progress in a transaction of its own; raises JobLost."""
        with self._home.database.write() as connection:
            if Jobs(connection).beat(self.record.id, self.worker, **progress):
                self.stop.request("cancelled")
