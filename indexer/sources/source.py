"""What every kind of source can do."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from indexer.items import BrokenItem, Item


class Source(Protocol):
    """Yields a source's items in a stable order, holding only small things of each in memory.

    `version` names the exact content when it is known beforehand: a job may then go on from a
    position. None means that only a visit tells, and positions mean nothing the next time.
    Implementations subclass this and may inherit everything but `items`.
    """

    version: str | None = None
    total: int | None = None
    hints: Sequence[str] = ()

    def items(self, *, after: int = 0) -> Iterator[Item | BrokenItem]:
        """Items with positions above `after`, ascending. Raises SourceError."""
        ...

    def notes(self) -> Sequence[str]:
        """What was passed over on the way, once the items have been visited."""
        return ()

    def close(self) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
