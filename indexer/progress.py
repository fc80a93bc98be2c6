"""The progress bar of a job that runs in this terminal."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from indexer.counts import Counts
from indexer.job import Watch


class ProgressBar(Watch):
    """Stage, bar, items, pictures a second and time left, on standard error."""

    def __init__(self, *, silent: bool) -> None:
        self._console = Console(stderr=True, quiet=silent, soft_wrap=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failed]}"),
            console=self._console,
            transient=True,
            disable=silent,
        )
        self._task = self._progress.add_task("starting", total=None, rate="", failed="")
        self._since: float | None = None

    def on_stage(self, stage: str) -> None:
        """See `Watch`."""
        self._progress.update(self._task, description=stage, rate="")

    def on_hints(self, hints: Sequence[str]) -> None:
        """See `Watch`."""
        for hint in hints:
            self._console.print(f"Note: {hint}", markup=False)

    def on_progress(self, counts: Counts) -> None:
        """See `Watch`."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        took = now - self._since
        rate = f"{counts.pictures / took:.1f} pictures/s" if took > 0 else ""
        self._progress.update(
            self._task,
            total=counts.total,
            completed=counts.cursor,
            rate=rate,
            failed=f"[red]{counts.failed} failed[/red]" if counts.failed else "",
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
