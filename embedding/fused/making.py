"""What `models fuse` does: installed networks and built-in parts become one model."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from embedding.card import ModelCard, card_json
from embedding.errors import ModelError, WeightsInvalid
from embedding.fused.built_in import BUILT_IN, CLASSIC_PARTS
from embedding.fused.cards import fused_card
from embedding.fused.weights import parsed_weights
from embedding.model_folder import CARD_FILE
from embedding.model_names import CLASSIC, check_name
from embedding.store import ModelStore
from embedding.weights_chosen import WeightsChosen

LEAST_WEIGHT = 0.02
"""Of a part. A clustered index is arranged by what the stored vectors have most of; a part far
below could hardly be searched by, whatever the balance (docs/decisions/fusion.md)."""


def fuse(
    store: ModelStore,
    name: str,
    weights: Mapping[str, float],
    *,
    overwrite: bool,
    chosen: WeightsChosen | None = None,
) -> ModelCard:
    """Installs a model of these parts as `name`; it needs none of them any more.

    `weights`: installed network, or one of BUILT_IN -> how much it counts; divided by their sum.
    `chosen`: how they were, for the card. Raises WeightsInvalid for fewer than two parts or too
    small a weight, ModelError for what cannot be a part and what the store refuses.
    """
    check_name(name)
    shares = parsed_weights(weights)
    _check(shares)
    with tempfile.TemporaryDirectory(prefix="likeness-fused-") as folder:
        models = {
            part: _copied(store, part, Path(folder) / part)
            for part in shares
            if part not in BUILT_IN
        }
        card = fused_card(name, shares, models).model_copy(update={"weights_chosen": chosen})
        (Path(folder) / CARD_FILE).write_text(card_json(card), encoding="utf-8")
        return store.install(Path(folder), overwrite=overwrite)


def _check(shares: Mapping[str, float]) -> None:
    if len(shares) < 2:
        raise WeightsInvalid(
            "A fused model needs two or more parts, such as "
            "--part mobilenetv3_large=0.6 --part colour=0.4."
        )
    for part, share in shares.items():
        if share < LEAST_WEIGHT:
            raise WeightsInvalid(
                f"The part {part!r} would have a share of {share:.3g}; {LEAST_WEIGHT} is the "
                f"least. Leave it out, or give it that much: a search can weigh it lower, down to "
                f"nothing."
            )


def _copied(store: ModelStore, name: str, folder: Path) -> ModelCard:
    if name == CLASSIC:
        raise ModelError(
            f"{CLASSIC!r} is fused by its parts, which can then be weighed apart: "
            f"{' and '.join(CLASSIC_PARTS)}."
        )
    card = store.card(name)
    if card.kind == "fused":
        raise ModelError(
            f"{name!r} is a fused model itself. Name its parts instead: {', '.join(card.weights)}."
        )
    if card.head is not None:
        raise ModelError(
            f"{name!r} has a linear head, which was learnt for its whole vector. Fuse first, and "
            f"learn a head on that: likeness models fuse MIX --part {card.began_with[0]}=0.5 "
            f"--part shades=0.5, then likeness train --head linear --model MIX."
        )
    folder.mkdir()
    return store.copy(name, folder)
