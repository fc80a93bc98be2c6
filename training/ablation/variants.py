"""What is compared: every loss with every form of network, beside networks nobody trained."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.errors import SettingsInvalid
from training.losses.settings import LossName, LossSettings
from training.mining.settings import MiningSettings
from training.networks.settings import Form
from training.settings import TrainingSettings

COMPARED_LOSSES: tuple[LossName, ...] = (
    "contrastive",
    "triplet",
    "angular",
    "robust-contrastive",
    "multi-task",
    "multi-similarity",
    "normalised-softmax",
)
"""Those of S1, S2 and S3, then two that are usual since."""

FORMS: tuple[Form, ...] = ("single-scale", "multi-scale")


@dataclass(frozen=True)
class Variant:
    """A loss and a form; without a loss it is a network with its weights as they came."""

    loss: LossName | None
    form: Form

    @property
    def name(self) -> str:
        return f"{self.loss or 'plain'}-{self.form}"

    def settings(self, base: TrainingSettings, seed: int) -> TrainingSettings:
        """Those of `base` with this loss, form and seed, and all else as it is.

        The loss keeps the base's parameters where the base names the same loss. Miners are for
        losses on pairs and triplets, as the base's is; others see the whole batch. What was not
        trained has neither projection nor batch normalisation, which would be noise. No variant has
        judgements or a teacher, who would tell all of them the same.
        """
        network = base.network.model_copy(update={"form": self.form})
        changes: dict[str, object] = {
            "network": network,
            "seed": seed,
            "teacher": None,
            "judgements": None,
        }
        if self.loss is None:
            changes["network"] = network.model_copy(update={"dimension": None, "batch_norm": False})
        elif self.loss != base.loss.name:
            changes["loss"] = LossSettings(name=self.loss)
        if self.loss in ("proxy-anchor", "normalised-softmax"):
            changes["mining"] = MiningSettings()
        return base.model_copy(update=changes)


def variants(losses: Sequence[LossName], forms: Sequence[Form]) -> list[Variant]:
    """Each form untrained, then trained with each loss. Raises SettingsInvalid for distillation,
    which learns from a teacher and not from products."""
    for loss in losses:
        if loss.endswith("distillation"):
            raise SettingsInvalid(
                f"{loss} learns from a teacher, not from products: it cannot be compared here. "
                f"`likeness train` takes it, with a teacher."
            )
    distinct = [None, *dict.fromkeys(losses)]
    return [Variant(loss, form) for loss in distinct for form in dict.fromkeys(forms)]
