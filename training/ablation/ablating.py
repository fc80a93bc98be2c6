"""Trains and measures every variant that is not yet, one after the other."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from embedding.model_folder import sha256_of
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial
from training.ablation.measuring import hits
from training.ablation.outcome import Outcome
from training.ablation.results import Ablation, compare
from training.ablation.variants import Variant
from training.data.joining import PRODUCT, TOGETHER
from training.data.material import Material
from training.fitting.devices import Device
from training.fitting.embedding import embed
from training.fitting.loop import Fit
from training.fitting.objective import Objective
from training.fitting.reporting import Reporter
from training.fitting.run_folder import CHECKPOINT_FILE
from training.fitting.starting import seeded_network, start_projection
from training.losses.building import build_loss
from training.mining.building import build_miner
from training.settings import TrainingSettings

_IDENTITY_SHOWN = 12


class Ablating:
    """An ablation whose variants differ from `base` in loss, form and seed alone: they learn from
    the same pictures, as long, and are asked for the same held-out ones.

    `folder` gets a folder for each training, named for its variant, its seed and all that decides
    it. What is finished there is not done again; what was interrupted goes on.
    """

    def __init__(
        self, base: TrainingSettings, material: Material, folder: Path, reporter: Reporter
    ) -> None:
        """Raises NothingToMeasure, and SettingsInvalid for a device that is not there."""
        self._base = base
        self._material = material
        self._folder = folder
        self._reporter = reporter
        self._device = Device(base)
        self._trial: Trial = label_trial(
            material.held_out.pictures, Relation((PRODUCT,)), resample_by=TOGETHER
        )
        self._told = _told(base, material)

    def run(self, variants: Sequence[Variant], seeds: Sequence[int]) -> Ablation:
        """Raises the errors of networks and of trainings; KeyboardInterrupt, after which the same
        call goes on from where this one stopped."""
        outcomes = {
            variant: [self._outcome(variant, seed) for seed in seeds] for variant in variants
        }
        return compare(self._trial, outcomes, seeds)

    def _outcome(self, variant: Variant, seed: int) -> Outcome:
        settings = variant.settings(self._base, seed)
        decisive = settings.model_dump_json(exclude={"sources", "collection", "threads"})
        told = f"{decisive}\n{self._told}"
        identity = hashlib.sha256(told.encode()).hexdigest()
        name = f"{variant.name}, seed {seed}"
        folder = self._folder / f"{variant.name}-seed{seed}-{identity[:_IDENTITY_SHOWN]}"
        folder.mkdir(parents=True, exist_ok=True)
        outcome = Outcome.read(folder)
        if outcome is not None:
            self._reporter.say(f"{name}: is finished, in {folder}")
            return outcome
        self._reporter.say(f"{name}:")
        outcome = self._made(variant, settings, folder, identity)
        outcome.write(folder)
        # Large, and of no more use.
        (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
        return outcome

    def _made(
        self, variant: Variant, settings: TrainingSettings, folder: Path, identity: str
    ) -> Outcome:
        training = self._material.training
        network = seeded_network(settings, training, loss=variant.loss)
        steps, seconds, best_epoch, ended = 0, 0.0, 0, "was not trained"
        if variant.loss is not None:
            resume = (folder / CHECKPOINT_FILE).exists()
            if not resume:
                start_projection(network, settings.network, training, self._device)
            loss = build_loss(settings.loss, dimension=network.dimension, classes=training.products)
            fitted = Fit(
                network,
                Objective(loss, build_miner(settings.mining)),
                self._material,
                settings,
                self._device,
                folder,
                identity=identity,
                reporter=self._reporter,
            ).run(resume=resume)
            steps, seconds = fitted.steps, fitted.seconds
            best_epoch, ended = fitted.best_epoch, fitted.why
        network.to(self._device.name)
        vectors = embed(network, self._material.held_out, self._device)
        return Outcome(
            hits(self._trial, vectors), network.dimension, steps, seconds, best_epoch, ended
        )


def _told(base: TrainingSettings, material: Material) -> str:
    """What decides an outcome beside settings: pictures, labels and weights."""
    parts = [material.training, material.validation, material.held_out]
    weights = base.network.weights
    return "\n".join(
        [*(each.digest for each in parts), "" if weights is None else sha256_of(weights)]
    )
