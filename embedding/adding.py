"""What `models add` and `models quantise` do: build a model aside, choose its precision, install.

The heavy packages are imported only when they are needed, and missed with the command that
installs them.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from rich.console import Console

from embedding.calibration import CalibrationPictures, calibration_pictures
from embedding.card import ModelCard, card_json
from embedding.errors import CalibrationMissing, ModelError, ModelExtraMissing, QuantisingFailed
from embedding.export_options import ExportOptions
from embedding.model_folder import CARD_FILE, check_files, copy_model, read_card
from embedding.model_names import check_name, name_taken
from embedding.store import ModelStore

PrecisionWish = Literal["auto", "int8", "fp32"]
"""`auto`: int8 if its figures deserve it, with layers kept in floating point where they must.
`int8`: in every layer, whatever the figures say. `fp32`: untried."""

_EXPORT_NEEDS = ("torch", "timm", "onnx", "onnxscript")
_QUANTISING_NEEDS = ("nncf",)


@dataclass(frozen=True)
class Quantising:
    """How the precision is chosen.

    calibrate_on: folder of pictures somebody named, whose lack of pictures is an error
    kept_pictures: folder of the catalogue's own copies, used where none was named
    """

    wish: PrecisionWish
    calibrate_on: Path | None
    kept_pictures: Path


def add_backbone(
    store: ModelStore,
    name: str,
    options: ExportOptions,
    quantising: Quantising,
    *,
    saved_as: str | None,
    overwrite: bool,
) -> ModelCard:
    """Exports a timm backbone and installs only what the export's own check has passed."""
    check_name(saved_as or name)
    _require(_EXPORT_NEEDS, "Adding a timm backbone")
    from embedding.export import export_backbone

    with tempfile.TemporaryDirectory(prefix="likeness-export-") as folder:
        _say(f"Exporting {name} and checking it against torch …")
        export_backbone(name, Path(folder), options)
        return _install(store, Path(folder), quantising, saved_as, overwrite)


def add_folder(
    store: ModelStore,
    folder: Path,
    quantising: Quantising,
    *,
    saved_as: str | None,
    overwrite: bool,
) -> ModelCard:
    """Installs a model made elsewhere, after choosing its precision unless its card has one that is
    wished for."""
    card = read_card(folder)
    is_decided = card.int8 is not None and _answers(card, quantising.wish)
    if card.kind != "onnx" or is_decided:
        return store.install(folder, name=saved_as, overwrite=overwrite)
    card = card.as_fp32()
    check_files(folder, card)
    with tempfile.TemporaryDirectory(prefix="likeness-model-") as aside:
        copy_model(folder, card, Path(aside))
        return _install(store, Path(aside), quantising, saved_as, overwrite)


def quantise_installed(
    store: ModelStore,
    name: str,
    quantising: Quantising,
    *,
    saved_as: str,
    overwrite: bool,
) -> ModelCard:
    """Installs the int8 variant of an installed model beside it; the model itself is untouched.

    Raises CalibrationMissing without enough pictures, QuantisingFailed, and ModelError when a model
    has that name already, or when the figures speak against int8 and nobody forced it.
    """
    check_name(saved_as)
    if not overwrite and _installed(store, saved_as) is not None:
        raise name_taken(saved_as)
    with tempfile.TemporaryDirectory(prefix="likeness-int8-") as folder:
        store.copy_fp32(name, Path(folder))
        card = _quantised(Path(folder), _pictures(store.card(name), quantising), quantising)
        if card.precision != "int8":
            raise ModelError(
                f"No int8 variant of {name!r} was installed: {card.precision_reason}. "
                "Where agreement falls short, other pictures may help (--calibrate-on FOLDER); "
                "--force installs it all the same."
            )
        return store.install(Path(folder), name=saved_as, overwrite=overwrite)


def _install(
    store: ModelStore,
    folder: Path,
    quantising: Quantising,
    saved_as: str | None,
    overwrite: bool,
) -> ModelCard:
    """Chooses the precision of the fp32 model in `folder`, then installs it.

    Raises ModelError, before the long work, when another model has its name.
    """
    card = read_card(folder)
    name = saved_as or card.name
    there = None if overwrite else _installed(store, name)
    if there is not None:
        # Added before: quantised again it might be another model.
        if there.as_fp32().fingerprint == card.fingerprint and _answers(there, quantising.wish):
            return there
        raise ModelError(
            f"{name!r} is installed already, in {there.precision}, and is another model than this "
            f"would be. Choose another name with --as, or replace it with --overwrite; pictures "
            f"embedded with it must then be embedded again (`likeness reindex`)."
        )
    if quantising.wish == "int8":
        _quantised(folder, _pictures(card, quantising), quantising)
    elif quantising.wish == "auto":
        try:
            pictures = _pictures(card, quantising)
        except (CalibrationMissing, ModelExtraMissing) as error:
            if quantising.calibrate_on is not None:
                raise
            _write_reason(folder, card, f"fp32 serves, because int8 was not tried: {error}")
        else:
            try:
                _quantised(folder, pictures, quantising)
            except QuantisingFailed as error:
                _write_reason(folder, card, f"fp32 serves, because int8 failed: {error}")
    return store.install(folder, name=saved_as, overwrite=overwrite)


def _answers(card: ModelCard, wish: PrecisionWish) -> bool:
    """Whether the precision of an installed model is what was wished for."""
    if wish == "int8":
        return card.int8 is not None and card.int8.forced
    return wish in ("auto", card.precision)


def _installed(store: ModelStore, name: str) -> ModelCard | None:
    return next((card for card in store.cards() if card.name == name), None)


def _pictures(card: ModelCard, quantising: Quantising) -> CalibrationPictures:
    """Pictures to make int8 with. Raises CalibrationMissing, ModelExtraMissing."""
    _require(_QUANTISING_NEEDS, "Making an int8 variant")
    folder = quantising.calibrate_on or quantising.kept_pictures
    try:
        return calibration_pictures(folder, card)
    except CalibrationMissing as error:
        raise CalibrationMissing(
            f"{error} Name a folder of pictures like those to be searched, "
            f"`--calibrate-on FOLDER`, or index some first; "
            f"`likeness models quantise {card.name}` makes the int8 variant later."
        ) from error


def _quantised(folder: Path, pictures: CalibrationPictures, quantising: Quantising) -> ModelCard:
    from embedding.int8 import add_int8

    _say(
        f"Calibrating int8 on {len(pictures.calibrating)} pictures and measuring it on "
        f"{len(pictures.measuring)} others …"
    )
    return add_int8(folder, pictures, forced=quantising.wish == "int8")


def _write_reason(folder: Path, card: ModelCard, reason: str) -> None:
    explained = card.model_copy(update={"precision_reason": reason})
    (folder / CARD_FILE).write_text(card_json(explained), encoding="utf-8")


def _require(packages: Sequence[str], purpose: str) -> None:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ModelExtraMissing(
            f"{purpose} needs {', '.join(missing)}, which this installation does not have. Run "
            f"`pip install {' '.join(packages)}` (the extra `models`) and repeat; a program that "
            f"only searches does not need it."
        )


def _say(text: str) -> None:
    Console(stderr=True).print(text)
