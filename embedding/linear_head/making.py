"""From a base model and a learnt map to an installed model."""

from datetime import UTC, datetime
from pathlib import Path

from embedding.card import BASE_FOLDER, HEAD_FILE, LinearHead, ModelCard, card_json
from embedding.errors import ModelBroken
from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from embedding.model_folder import CARD_FILE, copy_model, sha256_of

CODE_VERSION = 1
"""Raised when the same map of the same vectors gives others."""


def build_linear(
    folder: Path,
    name: str,
    base: ModelCard,
    base_folder: Path | None,
    head: LinearMap,
    learnt: HeadLearnt | None,
) -> ModelCard:
    """Writes the model's folder, which `ModelStore.install` takes; returns its card.

    `base_folder` holds the base with its files; None for the built-in model, which has none.
    Raises OSError.
    """
    base = base.calibrated(None)
    head.write(folder / HEAD_FILE)
    if base_folder is not None:
        (folder / BASE_FOLDER).mkdir()
        copy_model(base_folder, base, folder / BASE_FOLDER)
    method = learnt.method if learnt is not None else "given"
    card = ModelCard(
        name=name,
        kind="linear",
        description=f"{base.name}, then a linear map ({method}).",
        licence=base.licence,
        source=f"learnt here on {base.name}",
        created_at=datetime.now(UTC),
        dimension=head.dimension,
        input_size=base.input_size,
        fit=base.fit,
        crop_fraction=base.crop_fraction,
        interpolation=base.interpolation,
        mean=base.mean,
        std=base.std,
        threshold=base.threshold,
        revision=str(CODE_VERSION),
        files={HEAD_FILE: sha256_of(folder / HEAD_FILE)},
        head=LinearHead(base=base, learnt=learnt),
    )
    (folder / CARD_FILE).write_text(card_json(card), encoding="utf-8")
    return card


def of_this_code(card: ModelCard, base: ModelCard) -> ModelCard:
    """What an installed linear card says when its base, as this program makes its vectors, is
    `base`. Raises ModelBroken when those are not the vectors that the head was learnt on.
    """
    assert card.head is not None
    if base.fingerprint != card.head.base.fingerprint:
        raise ModelBroken(
            f"The head of {card.name!r} was learnt on vectors that this version no longer makes: "
            f"its base {base.name!r} holds parts that are code, and the code has changed. Learn it "
            f"again with `likeness train`, or keep the version that made it."
        )
    return card.model_copy(update={"revision": str(CODE_VERSION)})
