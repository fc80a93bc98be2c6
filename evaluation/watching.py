"""Telling whoever waits how far it is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[int], None]
"""Told how many more are done."""


class Watch(Protocol):
    """Is told of every step of an evaluation, and of its progress."""

    def step(self, name: str, total: int) -> AbstractContextManager[Advance]:
        """Lasts as long as the step does."""
        ...


class Unwatched(Watch):
    """Nobody waits."""

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Advance]:  # noqa: ARG002
        yield lambda _: None


class TerminalWatch(Watch):
    """A bar on stderr for the step that is running; nothing where stderr is no terminal."""

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Advance]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        console = Console(stderr=True)
        hidden = not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
            task = bar.add_task(name, total=total)
            yield lambda more: bar.advance(task, more)
