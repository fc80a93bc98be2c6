"""A learnt head becomes a model: installed, or a folder for `likeness models add`."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from embedding.card import ModelCard
from embedding.fused.cards import fused_card
from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from embedding.linear_head.making import build_linear
from embedding.model_names import CLASSIC, check_name
from embedding.store import ModelStore
from retrieval.home import Home
from training.errors import SettingsInvalid
from training.naming import check_name_free


def check_place(home: Home, name: str, out: Path | None, *, overwrite: bool) -> None:
    """Before the long work. Raises ModelError for a name that cannot be given, SettingsInvalid for
    a folder that holds something."""
    if out is None:
        check_name_free(home, name, overwrite=overwrite)
        return
    check_name(name)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SettingsInvalid(f"{out} is not an empty folder. Name another one with --out.")


def publish(
    store: ModelStore,
    name: str,
    model: str,
    shares: Mapping[str, float],
    head: LinearMap,
    learnt: HeadLearnt,
    *,
    out: Path | None,
    overwrite: bool = False,
) -> ModelCard:
    """Installs the model, if `overwrite` in the place of what has its name, or writes its folder
    `out`. A model that was there stays until the new one has been tried.

    `shares`: of `model` and of the built-in parts beside it, in the order of the vectors that the
    head takes; they add up to 1. Raises ModelError, ModelBroken, SettingsInvalid.
    """
    with tempfile.TemporaryDirectory(prefix="likeness-head-") as aside:
        base_folder = Path(aside) / "base"
        base_folder.mkdir()
        if list(shares) == [CLASSIC]:
            base = store.card(CLASSIC)
        elif list(shares) == [model]:
            base = store.copy(model, base_folder)
        else:
            base = _joined(store, model, shares, base_folder)
        source = None if base.kind == CLASSIC else base_folder
        if out is not None:
            try:
                out.mkdir(parents=True, exist_ok=True)
                return build_linear(out, name, base, source, head, learnt)
            except OSError as error:
                raise SettingsInvalid(f"{out} cannot be written ({error.strerror}).") from error
        built = Path(aside) / "built"
        built.mkdir()
        build_linear(built, name, base, source, head, learnt)
        return store.install(built, overwrite=overwrite)


def _joined(store: ModelStore, model: str, shares: Mapping[str, float], folder: Path) -> ModelCard:
    """The model and the parts beside it as one fused model, whose files are put into `folder`."""
    card = store.card(model)
    if card.parts:
        card = store.copy(model, folder)
        weights = {part.name: part.weight * shares[model] for part in card.parts}
        models = {part.name: part.model for part in card.parts if part.model is not None}
    else:
        (folder / model).mkdir()
        weights = {model: shares[model]}
        models = {model: store.copy(model, folder / model)}
    weights |= {name: share for name, share in shares.items() if name != model}
    name = "-".join([model, *(each for each in shares if each != model)])
    return fused_card(name[:100], weights, models)
