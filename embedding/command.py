"""`likeness models`: see, add, quantise and remove the models of this installation."""

import ast
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from embedding.adding import (
    PrecisionWish,
    Quantising,
    add_backbone,
    add_folder,
    quantise_installed,
)
from embedding.backbones import KNOWN
from embedding.card import Fit, ModelCard, PerChannel
from embedding.errors import ModelError
from embedding.export_options import ExportOptions
from embedding.fused.command import add_fuse
from embedding.per_channel import per_channel
from embedding.preprocessing import DEFAULT_FIT
from embedding.store import ModelStore

Size = Literal["224", "416", "512"]
CalibrateOn = Annotated[
    Path | None,
    typer.Option(
        help="Folder of pictures like those to be searched, to make int8 with; else the copies "
        "kept of what was indexed.",
    ),
]


def models_app(
    open_store: Callable[[], ModelStore],
    searched_with: Callable[[str], Sequence[str]],
    kept_pictures: Callable[[], Path],
) -> typer.Typer:
    """The `models` subcommands over the store that `open_store` gives, opened once per command.

    `searched_with(model)` names the collections that would be lost without the model;
    `kept_pictures()` is the folder of the catalogue's own pictures, to calibrate on.

    Raises EmbeddingError out of a command for whatever the user can put right; the program that
    mounts this prints it.
    """
    app = typer.Typer(help="See, add and remove models.", no_args_is_help=True)

    @app.command("list")
    def list_models(
        as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
        known: Annotated[
            bool, typer.Option("--known", help="Also what could be added by a short name.")
        ] = False,
    ) -> None:
        """Shows the installed models, and what is wrong with broken ones."""
        store = open_store()
        (_print_list_as_json if as_json else _print_list)(store, known)

    @app.command("show")
    def show(name: str) -> None:
        """Prints one model's card, as JSON."""
        typer.echo(_as_json(open_store().card(name).model_dump(mode="json")))

    @app.command("remove")
    def remove(name: str) -> None:
        """Deletes a model that no collection is searched with."""
        store = open_store()
        collections = searched_with(name)
        if collections:
            raise ModelError(
                f"Model {name!r} is what collection {', '.join(collections)} is searched with. "
                f"Change that first: likeness reindex --collection {collections[0]} --model OTHER."
            )
        store.remove(name)
        typer.echo(f"Removed {name}.")

    @app.command("add")
    def add(
        source: Annotated[
            str,
            typer.Argument(
                metavar="NAME|FOLDER",
                help="A short name (`models list --known`), any timm image backbone, or a "
                "folder with model.onnx and card.json.",
            ),
        ],
        weights: Annotated[
            Path | None,
            typer.Option(help="Weights as .safetensors or .pth, instead of the model hub."),
        ] = None,
        size: Annotated[Size | None, typer.Option(help="Side of the input in pixels.")] = None,
        fit: Annotated[
            Fit, typer.Option(help="How a picture that is not square becomes square.")
        ] = DEFAULT_FIT,
        saved_as: Annotated[
            str | None, typer.Option("--as", help="Name in the store, if not its own.")
        ] = None,
        mean: Annotated[
            str | None,
            typer.Option(help="Of RGB in 0..1, one number or three with commas, if not timm's."),
        ] = None,
        std: Annotated[str | None, typer.Option(help="As --mean.")] = None,
        model_arg: Annotated[
            list[str] | None,
            typer.Option(help="KEY=VALUE for timm, e.g. pad_type=same. Repeatable."),
        ] = None,
        identity: Annotated[
            list[str] | None,
            typer.Option(help="Layer to replace by identity, e.g. blocks.0.0.bn1.act. Repeatable."),
        ] = None,
        licence: Annotated[
            str | None, typer.Option(help="Licence of the weights in --weights FILE.")
        ] = None,
        random_weights: Annotated[
            bool, typer.Option("--random-weights", help="No training at all: for speed trials.")
        ] = False,
        precision: Annotated[
            PrecisionWish,
            typer.Option(
                help="auto: int8 if its measured agreement and speed deserve it; "
                "int8: in every layer, whatever is measured; fp32: never int8."
            ),
        ] = "auto",
        calibrate_on: CalibrateOn = None,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace another model of that name.")
        ] = False,
    ) -> None:
        """Adds a model: exports a timm backbone, or takes a folder made elsewhere."""
        if weights is not None and random_weights:
            raise typer.BadParameter("--weights and --random-weights exclude each other")
        if calibrate_on is not None and precision == "fp32":
            raise typer.BadParameter("--precision fp32 calibrates nothing")
        store = open_store()
        started = time.perf_counter()
        quantising = Quantising(precision, calibrate_on, kept_pictures())
        if _is_folder(source):
            card = add_folder(
                store, Path(source), quantising, saved_as=saved_as, overwrite=overwrite
            )
        else:
            options = ExportOptions(
                weights=weights,
                random_weights=random_weights,
                size=None if size is None else int(size),
                fit=fit,
                mean=_per_channel(mean, "--mean"),
                std=_per_channel(std, "--std"),
                arguments=_arguments(model_arg or []),
                identities=tuple(identity or ()),
                licence=licence,
            )
            card = add_backbone(
                store, source, options, quantising, saved_as=saved_as, overwrite=overwrite
            )
        _print_added(card, time.perf_counter() - started)

    @app.command("quantise")
    def quantise(
        name: str,
        calibrate_on: CalibrateOn = None,
        saved_as: Annotated[
            str | None,
            typer.Option("--as", help="Name of the int8 variant.", show_default="NAME-int8"),
        ] = None,
        force: Annotated[
            bool, typer.Option("--force", help="Every layer, whatever is measured.")
        ] = False,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace another model of that name.")
        ] = False,
    ) -> None:
        """Makes the int8 variant of an installed model, as a model of its own."""
        new_name = saved_as or f"{name}-int8"
        collections = searched_with(new_name) if overwrite else ()
        if collections:
            raise ModelError(
                f"Model {new_name!r} is what collection {', '.join(collections)} is searched with, "
                f"and would give other vectors. Choose another name with --as."
            )
        started = time.perf_counter()
        quantising = Quantising("int8" if force else "auto", calibrate_on, kept_pictures())
        card = quantise_installed(
            open_store(), name, quantising, saved_as=new_name, overwrite=overwrite
        )
        _print_added(card, time.perf_counter() - started)
        typer.echo(
            f"Its vectors are not those of {name}; to search a collection with it, embed its "
            f"pictures again:\n  likeness reindex --collection COLLECTION --model {new_name}"
        )

    add_fuse(app, open_store, searched_with)
    return app


def _is_folder(source: str) -> bool:
    """A path, as opposed to a name: it has a separator, or is a folder with a card."""
    return "/" in source or "\\" in source or (Path(source) / "card.json").is_file()


def _per_channel(text: str | None, option: str) -> PerChannel | None:
    if text is None:
        return None
    try:
        numbers = per_channel(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option} {error}") from error
    if option == "--std" and min(numbers) <= 0:
        raise typer.BadParameter(f"{option} must be above 0, not {text!r}")
    return numbers


def _arguments(pairs: list[str]) -> dict[str, object]:
    """["pad_type=same", "drop_rate=0.1"] -> {"pad_type": "same", "drop_rate": 0.1}."""
    arguments: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise typer.BadParameter(f"--model-arg takes KEY=VALUE, not {pair!r}")
        try:
            arguments[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            arguments[key] = value
    return arguments


def _print_list(store: ModelStore, known: bool) -> None:
    console = Console(markup=False, highlight=False)  # names and paths are no markup
    cards = store.cards()
    table = Table(title="Installed")
    table.add_column("model", no_wrap=True)  # to be typed: never shortened for other columns
    for name in ("dim", "pixels", "fit", "precision", "licence", "from"):
        table.add_column(name, overflow="fold")
    for card in cards:
        table.add_row(
            card.name,
            str(card.dimension),
            str(card.input_size),
            ", ".join(dict.fromkeys(each.fit for each in card.networks)),
            ", ".join(dict.fromkeys(each.precision for each in card.networks)),
            card.licence,
            card.source,
        )
    console.print(table)
    for card in cards:
        if card.calibration is not None:
            console.print(_calibrated(card), soft_wrap=True)
    for name, error in store.broken():
        console.print(f"Broken: {name}. {error}", style="red", soft_wrap=True)
    if known:
        installed = {card.name for card in cards}
        table = Table(title="Can be added: likeness models add NAME")
        table.add_column("name", no_wrap=True)
        for name in ("timm", "licence", ""):
            table.add_column(name, overflow="fold")
        for backbone in KNOWN.values():
            if backbone.name not in installed:
                table.add_row(backbone.name, backbone.timm_name, backbone.licence, backbone.note)
        console.print(table)


def _calibrated(card: ModelCard) -> str:
    calibration = card.in_force
    if calibration is None:
        return f"Not in force: {card.name} {card.uncalibrated_because}."
    pairs = calibration.pairs
    places = ", ".join(each.collection or each.source for each in calibration.hits)
    return (
        f"Calibrated: {card.name}, {pairs.relation} of {pairs.source} ({pairs.fitted_at:%Y-%m-%d}, "
        f"{pairs.products:,} products); similar from {pairs.cut.at:.4f}; hits in {places}"
    )


def _print_list_as_json(store: ModelStore, known: bool) -> None:
    listing: dict[str, object] = {
        "models": [card.model_dump(mode="json") for card in store.cards()],
        "broken": [{"name": name, "problem": str(error)} for name, error in store.broken()],
    }
    if known:
        listing["known"] = [
            {
                "name": backbone.name,
                "timm_name": backbone.timm_name,
                "licence": backbone.licence,
                "note": backbone.note,
            }
            for backbone in KNOWN.values()
        ]
    typer.echo(_as_json(listing))


def _print_added(card: ModelCard, seconds: float) -> None:
    agreement = (
        "" if card.verified_cosine is None else f", cosine to torch {card.verified_cosine:.6f}"
    )
    typer.echo(
        f"Added {card.name}: {card.dimension} dimensions at {card.input_size} pixels"
        f"{agreement}, in {seconds:.1f} s.\n"
        f"  from     {card.source}\n"
        f"  licence  {card.licence}\n"
        f"  runs in  {card.precision}{_measured(card)}"
    )


def _measured(card: ModelCard) -> str:
    """What is known about int8, to be read after the precision; empty when nothing is."""
    reason = f": {card.precision_reason}" if card.precision_reason else ""
    if card.int8 is None:
        return reason
    return (
        f"{reason}\n  int8     cosine {card.int8.mean_cosine:.4f}, "
        f"recall@10 {card.int8.recall_at_10:.4f} on {card.int8.measured_on} pictures, "
        f"{card.int8.speed_up:.2f} times as fast, "
        f"{len(card.int8.float_layers)} layers kept in floating point"
    )


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
