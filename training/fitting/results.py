"""What came of a training, to be printed and written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedding.card import ModelCard
from evaluation.intervals import Interval, interval_json
from training.data.judged import JudgedPictures
from training.data.material import Material
from training.wording import counted

if TYPE_CHECKING:  # printing needs no torch
    from training.fitting.devices import Device
    from training.fitting.loop import Fitted


@dataclass(frozen=True)
class OfSource:
    """R@1 of the products held out of one source, the mean over its `queries`."""

    source: str
    queries: int
    before: float
    after: float


@dataclass(frozen=True)
class Gained:
    """R@1 of products held out, the mean over sources: by the backbone as it was, by the network
    that was trained from it, and the difference of the two."""

    before: Interval
    after: Interval
    gain: Interval
    by_source: tuple[OfSource, ...]

    @property
    def queries(self) -> int:
        return sum(each.queries for each in self.by_source)


@dataclass(frozen=True)
class Trained:
    """What `products` held out say of it. `folder` holds the model; `installed` is the card it has
    in the store, None where it was not installed."""

    fitted: "Fitted"
    products: int
    gained: Gained
    folder: Path
    card: ModelCard
    installed: ModelCard | None = None

    @property
    def is_gain(self) -> bool:
        """With 95 % confidence."""
        return self.gained.gain.low > 0.0


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
            "queries": found.gained.queries,
            "before": interval_json(found.gained.before),
            "after": interval_json(found.gained.after),
            "gain": interval_json(found.gained.gain),
            "by_source": [asdict(each) for each in found.gained.by_source],
        },
    }


def trained_text(found: Trained, advice: Sequence[str]) -> str:
    """For people: what was gained, how sure that is, and `advice`, what to do next."""
    fitted = found.fitted
    lines = [
        f"Training ended after {counted(fitted.steps, 'step')} in {fitted.seconds / 60:.1f} min: "
        f"{fitted.why}. The weights are those {_when(fitted.best_epoch)} (validation R@1 "
        f"{100 * fitted.recall_at_1:.1f} %).",
        f"{found.products:,} products held out, {found.gained.queries:,} queries, which search "
        f"among the pictures held out alone: R@1 "
        f"{_percent(found.gained.before)} before, {_percent(found.gained.after)} after"
        f"{', in the mean over sources' if len(found.gained.by_source) > 1 else ''}.",
    ]
    if len(found.gained.by_source) > 1:
        lines += [
            f"  {each.source}: {100 * each.before:.1f} % before, {100 * each.after:.1f} % after "
            f"({each.queries:,} queries)"
            for each in found.gained.by_source
        ]
    return "\n".join([*lines, _verdict(found.gained.gain), *advice])


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
        f"{counted(len(np.unique(part.labels)), 'product')} with "
        f"{counted(len(part.rows), 'picture')} {what}"
        for part, what in (
            (material.training, "to learn from"),
            (material.validation, "for validation"),
            (material.held_out, "held out"),
        )
    ]
    lines.append(f"{'; '.join(counts)}. On {device.description}.")
    if judged is not None:
        left_out = f"; left out: {judged.left_out:,}" if judged.left_out else ""
        lines.append(f"{counted(len(judged.triplets), 'judgement')} to learn from{left_out}.")
    if joined.unlabelled:
        lines.append(f"Left out for want of a label: {counted(joined.unlabelled, 'picture')}.")
    if joined.shared:
        lines.append(
            f"Left out, since several products have it: {counted(joined.shared, 'picture')}."
        )
    parts = (material.training, material.validation, material.held_out)
    unreadable = {name: why for part in parts for name, why in part.pictures.unreadable.items()}
    if unreadable:
        name, why = next(iter(unreadable.items()))
        count = counted(len(unreadable), "picture")
        lines.append(f"Left out, since it cannot be read: {count}. The first: {name}: {why}")
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
