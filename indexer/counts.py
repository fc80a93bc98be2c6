"""How far a job has come."""

from dataclasses import dataclass, replace

from catalog.records import JobRecord


@dataclass(frozen=True)
class Counts:
    """Where a job stands, in items of its source; `total` is None until it is known.

    An item that failed in part, such as one of its pictures, counts as failed. `pictures` are
    those that this run has been through, whatever came of them.
    """

    total: int | None
    cursor: int = 0
    indexed: int = 0
    unchanged: int = 0
    failed: int = 0
    pictures: int = 0

    @classmethod
    def of(cls, job: JobRecord, total: int | None) -> "Counts":
        """Where an earlier run of the job stopped."""
        return cls(total, job.cursor, job.indexed, job.unchanged, job.failed)

    def after(
        self, cursor: int, *, indexed: int, unchanged: int, failed: int, pictures: int
    ) -> "Counts":
        """These counts and those of one more batch."""
        return replace(
            self,
            cursor=cursor,
            indexed=self.indexed + indexed,
            unchanged=self.unchanged + unchanged,
            failed=self.failed + failed,
            pictures=self.pictures + pictures,
        )
