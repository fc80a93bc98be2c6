"""What came of a training, to be printed and written."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedding.card import ModelCard
from evaluation.intervals import Interval
from training.data.judged import JudgedPictures
from training.data.material import Material

if TYPE_CHECKING:  # printing needs no torch
    from training.fitting.devices import Device
    from training.fitting.loop import Fitted


@dataclass(frozen=True)
class Trained:
    """`before` and `after`: R@1 of `queries` pictures of `products` held out, by the backbone as it
    was and by the network that was trained from it; `gain` is their difference. `folder` holds the
    model; `installed` is the card it has in the store, None where it was not installed."""

    fitted: "Fitted"
    products: int
    queries: int
    before: Interval
    after: Interval
    gain: Interval
    folder: Path
    card: ModelCard
    installed: ModelCard | None = None

    @property
    def is_gain(self) -> bool:
        """With 95 % confidence."""
        return self.gain.low > 0.0


def trained_json(found: Trained) -> dict[str, Any]:
    """For programs; shares, not percent."""
    return {
        "folder": str(found.folder),
        "model": found.card.model_dump(mode="json"),
        "installed_as": None if found.installed is None else found.installed.name,
        "ended_because": found.fitted.why,
        "steps": found.fitted.steps,
        "minutes": found.fitted.seconds / 60.0,
        "best_epoch": found.fitted.best_epoch,
        "validation_recall_at_1": found.fitted.recall_at_1,
        "held_out": {
            "products": found.products,
            "queries": found.queries,
            "before": _interval(found.before),
            "after": _interval(found.after),
            "gain": _interval(found.gain),
        },
    }


def trained_text(found: Trained) -> str:
    """For people: what was gained, how sure that is, and what to do next."""
    fitted = found.fitted
    lines = [
        f"Training ended after {fitted.steps:,} steps and {fitted.seconds / 60:.1f} minutes: "
        f"{fitted.why}. The weights are those {_when(fitted.best_epoch)} (validation R@1 "
        f"{100 * fitted.recall_at_1:.1f} %).",
        f"{found.products:,} products held out, {found.queries:,} queries: R@1 "
        f"{_percent(found.before)} before, {_percent(found.after)} after.",
        _verdict(found.gain),
    ]
    if found.installed is not None:
        name = found.installed.name
        lines.append(
            f"Installed as {name}, in {found.installed.precision}. To search with it: likeness "
            f"reindex --model {name}"
        )
    else:
        lines.append(
            f"The model is in {found.folder}, not installed. To install it: likeness models add "
            f"{found.folder} --as {found.card.name}"
        )
    return "\n".join(lines)


def material_text(
    material: Material, device: "Device", judged: JudgedPictures | None = None
) -> str:
    """What is learnt from, before it begins."""
    joined = material.joined
    lines = [
        f"{source}: pictures of one {column} are alike"
        for source, column in joined.label_columns.items()
    ]
    counts = [
        f"{len(np.unique(part.labels)):,} products with {len(part.rows):,} pictures {what}"
        for part, what in (
            (material.training, "to learn from"),
            (material.validation, "for validation"),
            (material.held_out, "held out"),
        )
    ]
    lines.append(f"{'; '.join(counts)}. On {device.description}.")
    if judged is not None:
        left_out = f"; {judged.left_out:,} are left out" if judged.left_out else ""
        lines.append(f"{len(judged.triplets):,} judgements to learn from{left_out}.")
    if joined.unlabelled:
        lines.append(f"{joined.unlabelled:,} pictures have no label and are left out.")
    if joined.shared:
        lines.append(
            f"{joined.shared:,} pictures belong to several products and are left out: they cannot "
            "be told apart."
        )
    parts = (material.training, material.validation, material.held_out)
    unreadable = {name: why for part in parts for name, why in part.pictures.unreadable.items()}
    if unreadable:
        name, why = next(iter(unreadable.items()))
        lines.append(f"{len(unreadable):,} pictures cannot be read. The first: {name}: {why}")
    return "\n".join(lines)


def _when(epoch: int) -> str:
    if epoch == 0:
        return "from before the first step, since no epoch found more"
    return f"of epoch {epoch}"


def _verdict(gain: Interval) -> str:
    told = f"{_signed(gain.mean)} points ({_signed(gain.low)} to {_signed(gain.high)})"
    if gain.mean <= 0.0:
        return f"Nothing was gained: {told}."
    if gain.low <= 0.0:
        return f"Gained {told}, which chance alone may explain."
    return f"Gained {told}."


def _percent(interval: Interval) -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * interval.mean:.1f} % ({low:.1f}–{high:.1f})"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(interval: Interval) -> dict[str, float]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
