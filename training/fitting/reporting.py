"""Telling whoever waits how a training goes: a bar while it runs, and a line an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from training.fitting.history import Epoch, Step
from training.fitting.schedule import Budget


class Reporter:
    """On stderr; the bar only where that is a terminal, the lines wherever it leads."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True)
        self._bar: Progress | None = None

    @contextmanager
    def showing(self, budget: Budget) -> Iterator[None]:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        hidden = not self._console.is_terminal
        self._budget = budget
        with Progress(*columns, console=self._console, transient=True, disable=hidden) as bar:
            self._bar, self._task = bar, bar.add_task("train", total=1.0)
            yield
        self._bar = None

    def step(self, step: Step) -> None:
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=self._budget.progress(step.step, step.seconds),
                description=f"step {step.step:,}, loss {step.loss:.4f}",
            )

    def epoch(self, epoch: Epoch) -> None:
        self.say(
            f"epoch {epoch.epoch}: {_loss(epoch)}validation R@1 "
            f"{100 * epoch.recall_at_1:.1f} %, R@5 {100 * epoch.recall_at_5:.1f} %"
            f"{', kept' if epoch.is_best else ''} "
            f"({epoch.seconds / 60:.1f} min, step {epoch.step:,})"
        )

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)


def _loss(epoch: Epoch) -> str:
    return "" if epoch.loss is None else f"loss {epoch.loss:.4f}, "
