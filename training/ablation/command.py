"""`likeness ablation`: which loss, form of network and distance is best on somebody's pictures."""

from pathlib import Path
from typing import Annotated

import typer


def ablation(
    source: Annotated[
        list[Path] | None,
        typer.Argument(
            help="A catalogue's CSV, or a folder with a sub-folder for each product; several are "
            "joined. Without any: those of the configuration, else the collection.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="A YAML file of settings, as `likeness train` takes it.", show_default=False
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(help="A backbone of `likeness models list --known`, or any of timm's."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The backbone's weights, instead of the model hub.")
    ] = None,
    loss: Annotated[
        list[str] | None,
        typer.Option(
            help="A loss to compare; repeat it for several. Without it: contrastive, triplet, "
            "angular, robust-contrastive, multi-task, multi-similarity, normalised-softmax.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            help="single-scale or multi-scale; without it, both.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            help="Train everything with this seed; repeat it for several, over which results are "
            "averaged. Without it: the configuration's.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Most passes over the products, for each training.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Most minutes, for each training.")] = None,
    collection: Annotated[
        str | None, typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps what is finished; else `ablation` in the home.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Train every loss with every form of network alike, and compare them on products kept aside.

    Beside them: the network as it came, and a fractional distance in place of the cosine. What is
    finished is kept; the same command goes on after an interruption.
    """
    from training.extra import require_extra

    require_extra()
    from training.ablation.running import run_ablation

    flags = {
        "sources": source or None,
        "collection": collection,
        "network.backbone": backbone,
        "network.weights": weights,
        "budget.epochs": epochs,
        "budget.minutes": minutes,
    }
    run_ablation(
        config,
        {key: value for key, value in flags.items() if value is not None},
        losses=loss or [],
        forms=form or [],
        seeds=seed or [],
        folder=to,
        as_json=as_json,
    )
