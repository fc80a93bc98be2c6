"""The distillation itself: steps, a line every so often, checkpoints."""

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from training.distillation.bank import Bank
from training.distillation.batches import ViewBatch, ViewBatches
from training.distillation.loss import distillation_loss
from training.distillation.settings import DistillationSettings
from training.distillation.student import maps_of
from training.errors import Diverged
from training.fitting.averaging import averaged
from training.fitting.checkpoint import Checkpoint, Standing
from training.fitting.devices import Device
from training.fitting.interruption import Interruption
from training.fitting.reporting import Reporter
from training.fitting.schedule import Budget, rate
from training.networks.embedding_network import EmbeddingNetwork

_SAVED_EVERY_S = 120.0
_TOLD_EVERY = 100
_STEPS_FILE = "steps.csv"


class Distillation:
    """One training in one folder. `run` goes on from where the folder's checkpoint stands, if
    `resume`, else from the beginning."""

    def __init__(
        self,
        network: EmbeddingNetwork,
        bank: Bank,
        settings: DistillationSettings,
        device: Device,
        folder: Path,
        *,
        identity: str,
        reporter: Reporter,
    ) -> None:
        self._network = network.to(device.name, memory_format=torch.channels_last)
        self._settings = settings
        self._device = device
        self._folder = folder
        self._identity = identity
        self._reporter = reporter
        self._batches = ViewBatches(bank, settings.batch, settings.seed)
        _, height, width, _ = bank.targets.shape
        self._grid = (height, width)
        minutes = settings.minutes
        self._budget = Budget(
            settings.epochs * len(self._batches), None if minutes is None else 60.0 * minutes
        )
        self._optimiser = torch.optim.AdamW(
            _groups(network, settings.optimiser.weight_decay), lr=settings.optimiser.lr
        )
        self._average = averaged(network, settings.optimiser.averaging)
        self._at = Standing()
        self._told: list[float] = []
        self._began = self._saved = time.monotonic()

    def run(self, *, resume: bool) -> EmbeddingNetwork:
        """The network with the averaged weights. Raises KeyboardInterrupt, after writing a
        checkpoint, when it was interrupted; Diverged, CheckpointInvalid."""
        if resume:
            self._restore()
        self._began = self._saved = time.monotonic()
        self._network.train()
        with Interruption() as interruption:
            while self._progress() < 1.0:
                for batch in self._batches.of_epoch(self._at.epoch, first=self._at.batch):
                    self._step(batch)
                    if interruption.asked:
                        self._save()
                        raise KeyboardInterrupt
                    if self._progress() >= 1.0:
                        break
                    if time.monotonic() - self._saved > _SAVED_EVERY_S:
                        self._save()
                else:
                    self._at.epoch, self._at.batch = self._at.epoch + 1, 0
        self._save()
        found: EmbeddingNetwork = self._average.module
        return found

    @property
    def steps(self) -> int:
        return self._at.steps

    @property
    def minutes(self) -> float:
        return self._at.seconds / 60.0

    def _step(self, batch: ViewBatch) -> None:
        progress = self._budget.progress(self._at.steps + 0.5, self._seconds())
        lr = self._settings.optimiser.lr * rate(progress, self._settings.optimiser.warm_up)
        for group in self._optimiser.param_groups:
            group["lr"] = lr
        side = self._side(progress)
        shown = self._device.normalised(batch.pixels, self._network.mean, self._network.std)
        if side != shown.shape[2]:
            shown = functional.interpolate(shown, size=(side, side), mode="area")
        shown = shown.contiguous(memory_format=torch.channels_last)
        told = torch.from_numpy(batch.targets).to(self._device.name).float().flatten(1, 2)
        with self._device.autocast():
            maps = maps_of(self._network, shown, self._grid)
        loss = distillation_loss(maps.float(), told, self._settings.loss)
        value = loss.item()
        if not np.isfinite(value):
            raise Diverged(
                f"The loss is no number any more after {self._at.steps} steps. Lower optimiser.lr, "
                f"and start anew; the last checkpoint is in {self._folder}."
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), self._settings.optimiser.clip_norm)
        self._optimiser.step()
        self._average.update_parameters(self._network)
        self._at.steps += 1
        self._at.batch += 1
        self._tell(value, lr, side, progress)

    def _tell(self, loss: float, lr: float, side: int, progress: float) -> None:
        self._told.append(loss)
        if len(self._told) < _TOLD_EVERY:
            return
        mean, seconds = float(np.mean(self._told)), self._seconds()
        self._told = []
        with (self._folder / _STEPS_FILE).open("a", encoding="utf-8", newline="") as file:
            row = [self._at.steps, self._at.epoch + 1, side, f"{lr:.3g}", f"{mean:.5f}"]
            csv.writer(file, lineterminator="\n").writerow([*row, f"{seconds:.0f}"])
        self._reporter.say(
            f"step {self._at.steps:,}, epoch {self._at.epoch + 1}, {side} pixels: loss {mean:.4f} "
            f"({100 * progress:.0f} %, {seconds / 60:.1f} min)"
        )

    def _side(self, progress: float) -> int:
        """Of the phase that the training is in."""
        ended = 0.0
        for phase in self._settings.phases:
            ended += phase.share
            if progress < ended:
                break
        return phase.side

    def _progress(self) -> float:
        return self._budget.progress(self._at.steps, self._seconds())

    def _seconds(self) -> float:
        return self._at.seconds + time.monotonic() - self._began

    def _save(self) -> None:
        self._at.seconds = self._seconds()
        self._began = self._saved = time.monotonic()
        Checkpoint(self._identity, self._at, self._states()).write(self._folder)

    def _states(self) -> dict[str, Any]:
        return {
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def _restore(self) -> None:
        checkpoint = Checkpoint.read(self._folder, self._identity)
        self._network.load_state_dict(checkpoint.states["network"])
        self._average.load_state_dict(checkpoint.states["average"])
        self._optimiser.load_state_dict(checkpoint.states["optimiser"])
        self._at = checkpoint.standing


def _groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Scales and biases are not drawn to nothing."""
    matrices: list[Tensor] = []
    others: list[Tensor] = []
    for each in network.parameters():
        (matrices if each.ndim > 1 else others).append(each)
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
