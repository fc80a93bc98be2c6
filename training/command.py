"""`likeness train`: reads the words; what they ask for is run by the package of the head."""

from pathlib import Path
from typing import Annotated

import typer

from training.words import Head, one_place, refuse, told_by_set

EXIT_NOTHING_GAINED = 3


def train(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="Catalogues' CSVs, or folders with a sub-folder for each product; several are "
            "learnt from together. Without any, the collection.",
            show_default=False,
        ),
    ] = None,
    head: Annotated[
        Head | None,
        typer.Option(
            help="linear: a linear map behind an installed model, learnt from products with "
            "several pictures, in a minute. pca, discriminative: shorter vectors of --dimension "
            "numbers, by principal components or by what matched pictures have in common. oasis: "
            "a map learnt from --judgements, as they arrive. "
            "network: the whole network, in minutes to hours; what "
            "is meant where --config, --backbone or --resume is given. \\[default: linear]",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The installed model to improve. \\[default: the collection's]", show_default=False
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="PART",
            help="A built-in part that may be joined with the model, as much as pays: shades, "
            "colour, texture, or none; repeatable. \\[default: shades with a network]",
            show_default=False,
        ),
    ] = None,
    dimension: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of --head pca and discriminative: numbers of a vector. \\[default: 128]",
            show_default=False,
        ),
    ] = None,
    relation: Annotated[
        list[str] | None,
        typer.Option(
            help="What is to be found, as for `evaluate`; repeatable. Each is asked of the sources "
            "that have its columns. \\[default: the columns product_id, class and category]",
            show_default=False,
        ),
    ] = None,
    queries: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE,…",
            help="The rows that ask, of the sources with that column; repeatable.",
            show_default=False,
        ),
    ] = None,
    gallery: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE,…",
            help="The rows that are searched, of the sources with that column; repeatable.",
            show_default=False,
        ),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
    ] = None,
    split_by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Hold out pictures together that agree in this column, besides products.",
            show_default=False,
        ),
    ] = None,
    as_name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="The new model's name. \\[default: MODEL-HEAD]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the model to this folder instead of installing it. Of a network: the "
            "folder of the run, with checkpoints, logs and at last the model. \\[default: "
            "training/NAME in the home]",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="YAML",
            help="Of a network: all settings; options replace some.",
            show_default=False,
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            help="Of a network: what it begins with, a short name (`likeness models list --known`) "
            "or any of timm.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Of a network: its weights, .safetensors or .pth, instead of the model hub.",
            show_default=False,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            help="Of a network: what it learns by; see docs/training.md.", show_default=False
        ),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Of a network: an installed model to learn from besides.",
            show_default=False,
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="Of a network: the most it may take.", show_default=False),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Of a network: passes over the products.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Of a network: of splits, batches and changes.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Of a network: any other setting, such as optimiser.lr=0.001; repeatable.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Of a network: go on where --out was interrupted.")
    ] = False,
    judgements: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Of --head oasis and of a network: a CSV with query,closer,farther, paths "
            "relative to it. What oasis learnt from earlier ones is kept; a network learns from "
            "them beside its products.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace the model of that name, such as an earlier one, unless a collection is "
            "searched with it.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Make the model even if nothing was gained.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make a model better on your own products, and say what was gained on products it has not
    seen. Exit code 3 when nothing was gained and so no model was made."""
    of_network = {
        "--config": config,
        "--backbone": backbone,
        "--weights": weights,
        "--loss": loss,
        "--teacher": teacher,
        "--minutes": minutes,
        "--epochs": epochs,
        "--seed": seed,
        "--set": settings,
        "--resume": resume or None,
    }
    of_linear = {
        "--model": model,
        "--with": beside,
        "--dimension": dimension,
        "--relation": relation,
        "--queries": queries,
        "--gallery": gallery,
    }
    if head is None:
        head = Head.NETWORK if config or backbone or resume else Head.LINEAR
    if head is not Head.NETWORK:
        one_place(as_name, out)
        refuse(of_network, "a network: name its --backbone, or --head network")
    match head:
        case Head.NETWORK:
            refuse(of_linear, "a linear head")
            from training.extra import require_extra

            require_extra()
            from training.fitting.running import run_training

            flags = {
                "sources": sources or None,
                "collection": collection,
                "network.backbone": backbone,
                "network.weights": weights,
                "loss.name": loss,
                "judgements.file": judgements,
                "teacher.model": teacher,
                "data.split_by": split_by,
                "budget.minutes": minutes,
                "budget.epochs": epochs,
                "seed": seed,
            }
            is_made = run_training(
                config,
                told_by_set(settings or [])
                | {key: value for key, value in flags.items() if value is not None},
                out=out,
                resume=resume,
                as_name=as_name,
                overwrite=overwrite,
                force=force,
                as_json=as_json,
            )
        case Head.LINEAR | Head.PCA | Head.DISCRIMINATIVE:
            refuse({"--judgements": judgements}, "--head oasis and of a network")
            from training.linear.preparing import Asked

            asked = Asked(
                sources=sources or [],
                model=model,
                relations=relation or [],
                queries=queries or [],
                gallery=gallery or [],
                collection=collection,
                split_by=split_by,
                as_name=as_name,
                out=out,
                overwrite=overwrite,
                as_json=as_json,
            )
            if head is Head.LINEAR:
                refuse({"--dimension": dimension}, "--head pca and discriminative")
                from training.linear.running import run_linear

                is_made = run_linear(asked, parts=beside or [], force=force)
            else:
                refuse({"--with": beside, "--force": force or None}, "--head linear")
                from training.adapters.reducing import run_reduction

                run_reduction(asked, "pca" if head is Head.PCA else "discriminative", dimension)
                is_made = True
        case Head.OASIS:
            if judgements is None:
                raise typer.BadParameter(
                    "--head oasis learns from judgements: give --judgements FILE, a CSV with the "
                    "columns query,closer,farther"
                )
            refuse(
                {**of_linear, "--model": None, "--collection": collection, "--split-by": split_by,
                 "SOURCE": sources},
                "--head linear",
            )  # fmt: skip
            from training.adapters.running import run_oasis

            is_made = run_oasis(
                judgements,
                model=model,
                as_name=as_name,
                out=out,
                overwrite=overwrite,
                force=force,
                as_json=as_json,
            )
    if not is_made:
        raise typer.Exit(EXIT_NOTHING_GAINED)
