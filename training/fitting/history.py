"""What happened, step by step and epoch by epoch, as two CSV files beside the checkpoint."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from io import StringIO
from pathlib import Path

from embedding.whole_files import write_whole

STEPS_FILE, EPOCHS_FILE = "steps.csv", "epochs.csv"


@dataclass(frozen=True)
class Step:
    """One batch. `step` and `epoch` count from 1; `lr` is the highest of all layers; `mined`: pairs
    or triplets the loss saw, empty where it saw all; `dropped`: noisy positives left out of them.
    """

    step: int
    epoch: int
    loss: float
    lr: float
    gradient_norm: float
    mined: int | None
    dropped: int | None
    seconds: float


@dataclass(frozen=True)
class Epoch:
    """One pass, and what validation found after it; 0 is before the first. `loss` is the mean of
    its steps; `recall_at_1` and `recall_at_5` are those of products that are not learnt from."""

    epoch: int
    step: int
    loss: float | None
    recall_at_1: float
    recall_at_5: float
    is_best: bool
    seconds: float


class History:
    """The two files of a run's folder; rows are flushed as they come."""

    def __init__(self, folder: Path, *, steps: int) -> None:
        """Goes on after the step of that number: rows of later ones, which an interrupted run wrote
        after its last checkpoint and which are going to be done again, are dropped."""
        self._steps = folder / STEPS_FILE
        self._epochs = folder / EPOCHS_FILE
        for path, row, key in ((self._steps, Step, 0), (self._epochs, Epoch, 1)):
            kept = [each for each in _rows(path) if int(each[key]) <= steps]
            _write(path, [[field.name for field in fields(row)], *kept])

    def add_step(self, step: Step) -> None:
        _append(self._steps, astuple(step))

    def add_epoch(self, epoch: Epoch) -> None:
        _append(self._epochs, astuple(epoch))

    def losses(self, *, epoch: int) -> list[float]:
        """Of the steps of that epoch."""
        return [float(row[2]) for row in _rows(self._steps) if int(row[1]) == epoch]


def _rows(path: Path) -> list[list[str]]:
    """Without the header; a last line that was cut off is no row."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return list(csv.reader(line for line in lines[1:] if line.endswith("\n")))


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_whole(path, text.getvalue())


def _append(path: Path, row: Sequence[object]) -> None:
    shown = [f"{each:.6g}" if isinstance(each, float) else each for each in row]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(shown)
