"""The training itself: batches, steps, validation after each epoch, checkpoints."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.data.augmentation import Augmentation
from training.data.loading import Loader, PixelBatch
from training.data.material import Material
from training.errors import Diverged, SettingsInvalid
from training.fitting.averaging import averaged
from training.fitting.checkpoint import Checkpoint, Standing
from training.fitting.devices import Device
from training.fitting.embedding import embed
from training.fitting.history import Epoch, History, Step
from training.fitting.interruption import Interruption
from training.fitting.judging import JudgedBatches
from training.fitting.objective import Objective
from training.fitting.reporting import Reporter
from training.fitting.schedule import Budget, rate
from training.fitting.validation import Examination
from training.networks.embedding_network import EmbeddingNetwork
from training.sampling.product_balanced import ProductBalancedBatches
from training.settings import TrainingSettings
from training.wording import counted

_SAVED_EVERY_S = 300.0


@dataclass(frozen=True)
class Fitted:
    """`recall_at_1`, of validation, is the best one (without patience the last one), after
    `best_epoch` epochs, whose weights the network now has; 0: nothing was better than where it
    started. `why` training ended."""

    recall_at_1: float
    best_epoch: int
    steps: int
    seconds: float
    why: str


class Fit:
    """One training in one folder. `run` goes on from where the folder's checkpoint stands, if
    `resume`, else from the beginning."""

    def __init__(
        self,
        network: EmbeddingNetwork,
        objective: Objective,
        material: Material,
        settings: TrainingSettings,
        device: Device,
        folder: Path,
        *,
        identity: str,
        reporter: Reporter,
        judged: JudgedBatches | None = None,
    ) -> None:
        """Raises SettingsInvalid where nothing is to learn."""
        self._network = network.to(device.name, memory_format=torch.channels_last)
        self._objective = objective
        self._material = material
        self._settings = settings
        self._device = device
        self._folder = folder
        self._identity = identity
        self._reporter = reporter
        self._judged = judged
        objective.loss.to(device.name)
        self._labels = material.training.labels
        self._sampler = ProductBalancedBatches(
            self._labels, settings.batches.products, settings.batches.pictures, settings.seed
        )
        self._budget = Budget(
            settings.budget.epochs * len(self._sampler),
            None if settings.budget.minutes is None else 60.0 * settings.budget.minutes,
        )
        self._optimiser = self._build_optimiser()
        self._average = averaged(network, settings.optimiser.averaging)
        self._examination = Examination(material.validation.pictures)
        self._best: dict[str, Tensor] = {}
        self._at = Standing()
        self._began = self._saved = time.monotonic()

    def run(self, *, resume: bool) -> Fitted:
        """Raises KeyboardInterrupt, after writing a checkpoint, when it was interrupted; Diverged,
        CheckpointInvalid."""
        if resume:
            self._restore()
        self._history = History(self._folder, steps=self._at.steps)
        self._began = self._saved = time.monotonic()
        augmentation = Augmentation(
            self._settings.augmentation.all_changes,
            side=self._network.input_size,
            seed=self._settings.seed,
        )
        training = self._material.training
        with (
            Interruption() as interruption,
            Loader(
                training.pixels, training.rows, augmentation, threads=self._device.threads
            ) as loader,
            self._reporter.showing(self._budget),
        ):
            if not self._best:
                self._examine(loss=None)
            while not (why := self._over()):
                self._pass(loader, interruption)
                self._at.epoch, self._at.batch = self._at.epoch + 1, 0
                self._examine(loss=float(np.mean(self._history.losses(epoch=self._at.epoch))))
                self._save()
        self._network.load_state_dict(self._best)
        return Fitted(
            self._at.best_recall, self._at.best_epoch, self._at.steps, self._seconds(), why
        )

    def _pass(self, loader: Loader, interruption: Interruption) -> None:
        """The rest of an epoch, or as much of it as the budget allows."""
        self._network.train()
        self._sampler.set_epoch(self._at.epoch)
        plan = list(self._sampler)
        ready = loader.batches(plan, epoch=self._at.epoch, first=self._at.batch)
        for places, pixels in zip(plan[self._at.batch :], ready, strict=True):
            if interruption.asked:
                self._save()
                raise KeyboardInterrupt
            self._step(places, pixels)
            self._at.batch += 1
            if self._progress() >= 1.0:
                return
            if time.monotonic() - self._saved > _SAVED_EVERY_S:
                self._save()

    def _step(self, places: list[int], pixels: PixelBatch) -> None:
        # In the middle of the step: neither the first nor the last one learns nothing.
        progress = self._budget.progress(self._at.steps + 0.5, self._seconds())
        for group in self._optimiser.param_groups:
            group["lr"] = group["initial_lr"] * rate(progress, self._settings.optimiser.warm_up)
        self._objective.advance(progress)
        if self._judged is not None:
            pixels = np.concatenate([pixels, self._judged.pixels(self._at.steps)])
        shown = self._device.normalised(pixels, self._network.mean, self._network.std)
        labels = torch.from_numpy(self._labels[places]).to(self._device.name)
        with self._device.autocast():
            embeddings, logits = self._network.embed_and_classify(shown)
        labelled = len(places)
        judged = self._objective(
            embeddings[:labelled],
            labels,
            None if logits is None else logits[:labelled].float(),
            places,
        )
        whole = judged.loss
        if self._judged is not None:
            whole = whole + self._judged.loss(embeddings[labelled:], self._at.steps)
        loss = whole.item()
        self._check_finite("The loss", loss)
        self._optimiser.zero_grad(set_to_none=True)
        whole.backward()
        norm = nn.utils.clip_grad_norm_(self._learning(), self._settings.optimiser.clip_norm).item()
        self._check_finite("The gradient", norm)
        self._optimiser.step()
        self._average.update_parameters(self._network)
        self._at.steps += 1
        step = Step(
            self._at.steps,
            self._at.epoch + 1,
            loss,
            max(group["lr"] for group in self._optimiser.param_groups),
            norm,
            judged.mined,
            judged.dropped,
            self._seconds(),
        )
        self._history.add_step(step)
        self._reporter.step(step)

    def _examine(self, *, loss: float | None) -> None:
        """What validation says of the averaged weights, after as many epochs as are done; the best
        ones are kept. Where training starts counts, too: it may know more than it will learn."""
        vectors = embed(self._average.module, self._material.validation, self._device)
        # The last step of all is followed by no other that would tell.
        self._check_finite("What the network says of a picture", vectors)
        hits = self._examination.hits(vectors)
        recall = hits.recall_at_1
        is_best = recall > self._at.best_recall or self._settings.budget.patience is None
        if is_best:
            self._best = _copied(self._average.module)
            self._at.best_recall, self._at.best_epoch = recall, self._at.epoch
        epoch = Epoch(
            self._at.epoch,
            self._at.steps,
            loss,
            recall,
            hits.recall_at_5,
            is_best,
            self._seconds(),
        )
        self._history.add_epoch(epoch)
        self._reporter.epoch(epoch)

    def _check_finite(self, what: str, numbers: float | NDArray[np.float32]) -> None:
        if not np.isfinite(numbers).all():
            raise Diverged(
                f"{what} is no number any more after {counted(self._at.steps, 'step')}. Lower "
                f"optimiser.lr, and begin in another folder; {self._folder} keeps the history."
            )

    def _over(self) -> str:
        """Why training is over; empty while it is not."""
        budget = self._settings.budget
        if self._at.epoch >= budget.epochs:
            return f"the budget of {counted(budget.epochs, 'epoch')} is spent"
        if budget.minutes is not None and self._progress() >= 1.0:
            return f"the budget of {counted(budget.minutes, 'minute')} is spent"
        patience = budget.patience
        if patience is not None and self._at.epoch - self._at.best_epoch >= patience:
            return f"nothing better was found in {counted(patience, 'epoch')}"
        return ""

    def _progress(self) -> float:
        return self._budget.progress(self._at.steps, self._seconds())

    def _seconds(self) -> float:
        """Of this training, earlier runs included; with no limit of time nothing depends on it."""
        return self._at.seconds + time.monotonic() - self._began

    def _build_optimiser(self) -> torch.optim.AdamW:
        asked = self._settings.optimiser
        groups = self._network.parameter_groups(asked.lr, asked.backbone_factor)
        if proxies := list(self._objective.loss.parameters()):
            groups.append({"name": "loss", "params": proxies, "lr": asked.lr})
        if not groups:
            raise SettingsInvalid(
                "Nothing is to learn: the backbone is frozen (network.trainable: 0), and nothing "
                "follows it. Give it a network.dimension, whose projection learns, or let some of "
                "its stages learn."
            )
        optimiser = torch.optim.AdamW(groups, weight_decay=asked.weight_decay)
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
        return optimiser

    def _learning(self) -> Iterator[nn.Parameter]:
        for group in self._optimiser.param_groups:
            yield from group["params"]

    def _save(self) -> None:
        standing = replace(self._at, seconds=self._seconds())
        Checkpoint(self._identity, standing, self._states()).write(self._folder)
        self._saved = time.monotonic()

    def _states(self) -> dict[str, Any]:
        return {
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "loss": self._objective.loss.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "best": self._best,
        }

    def _restore(self) -> None:
        checkpoint = Checkpoint.read(self._folder, self._identity)
        self._network.load_state_dict(checkpoint.states["network"])
        self._average.load_state_dict(checkpoint.states["average"])
        self._objective.loss.load_state_dict(checkpoint.states["loss"])
        self._optimiser.load_state_dict(checkpoint.states["optimiser"])
        self._best = checkpoint.states["best"]
        self._at = checkpoint.standing


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: each.detach().clone() for name, each in network.state_dict().items()}
