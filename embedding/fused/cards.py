"""The card of a fused model, from its parts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from embedding.card import FusedPart, ModelCard
from embedding.classic.descriptor import WORKING_SIDE
from embedding.fused.built_in import BuiltInParts, revision
from embedding.fused.weights import written

CODE_VERSION = 1
"""Raised when joining the parts gives other vectors."""

_BUILT_IN_LICENCE = "Apache-2.0"


def fused_card(
    name: str, weights: Mapping[str, float], models: Mapping[str, ModelCard]
) -> ModelCard:
    """`weights`: part -> share, adding up to 1, in the order of the vector; `models`: part -> card
    of its network, of every part that has one."""
    parts = _laid_out([(part, weight, models.get(part)) for part, weight in weights.items()])
    return ModelCard(
        name=name,
        kind="fused",
        description=f"Several descriptions in one vector: {written(weights)}.",
        licence=_joined(
            _BUILT_IN_LICENCE if part.model is None else part.model.licence for part in parts
        ),
        source=f"fused here of {', '.join(weights)}",
        created_at=datetime.now(UTC),
        dimension=parts[-1].stop,
        input_size=max(part.model.input_size if part.model else WORKING_SIDE for part in parts),
        revision=_revision(parts),
        parts=parts,
    )


def as_of_this_code(card: ModelCard) -> ModelCard:
    """What an installed card says once the code of the parts that are code is another.

    Like any other model after an upgrade that changes vectors it then has another fingerprint, and
    the collections that are on it are told to embed anew.
    """
    if card.kind != "fused" or card.revision == _revision(card.parts):
        return card
    parts = _laid_out([(part.name, part.weight, part.model) for part in card.parts])
    anew = {"revision": _revision(parts), "parts": parts, "dimension": parts[-1].stop}
    return card.model_copy(update=anew)


def _laid_out(
    parts: Sequence[tuple[str, float, ModelCard | None]],
) -> tuple[FusedPart, ...]:
    lengths = BuiltInParts().lengths
    laid_out: list[FusedPart] = []
    for name, weight, model in parts:
        start = laid_out[-1].stop if laid_out else 0
        stop = start + (lengths[name] if model is None else model.dimension)
        laid_out.append(FusedPart(name=name, weight=weight, start=start, stop=stop, model=model))
    return tuple(laid_out)


def _revision(parts: Sequence[FusedPart]) -> str:
    """Of the code that decides the vector; what the networks decide is in their fingerprints."""
    built_in = [part.name for part in parts if part.model is None]
    return f"{CODE_VERSION}-{revision(built_in)}" if built_in else str(CODE_VERSION)


def _joined(licences: Iterable[str]) -> str:
    """Each once, as an SPDX expression: all of them bind."""
    return " AND ".join({each.casefold(): each for each in licences}.values())
