"""Everything that failed in a job, as a CSV file."""

import csv
from collections.abc import Iterator
from pathlib import Path

from catalog.database import Database
from catalog.jobs import Jobs
from catalog.records import Failure
from indexer.errors import ReportUnwritable

_PAGE = 500
COLUMNS = ("position", "id", "source", "code", "message")


class FailureReport:
    """A report to be written at `path` when the job has ended.

    Made before the job starts, so that a path that cannot be written is known then.
    Raises ReportUnwritable.
    """

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self.path = path
        self._write([])

    def write(self, job_id: int) -> None:
        """A line a failure, in the order of the source; only the header when there is none."""
        self._write(failures_of(self._database, job_id))

    def _write(self, failures: "Iterator[Failure] | list[Failure]") -> None:
        try:
            with self.path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for each in failures:
                    writer.writerow(
                        (each.position, each.item_id, each.source, each.code, each.message)
                    )
        except OSError as error:
            raise ReportUnwritable(
                f"The report {self.path} cannot be written ({error.strerror}). Name another file."
            ) from error


def failures_of(database: Database, job_id: int) -> Iterator[Failure]:
    """All failures of a job, read page by page."""
    offset = 0
    while True:
        with database.read() as connection:
            page = Jobs(connection).failures(job_id, limit=_PAGE, offset=offset)
        yield from page
        if len(page) < _PAGE:
            return
        offset += len(page)
