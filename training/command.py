"""`likeness train`: reads the words; what they ask for is run by the package of the head."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Head(StrEnum):
    """What is trained."""

    LINEAR = "linear"


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
        Head,
        typer.Option(
            help="linear: a linear map behind an installed model, learnt from products with "
            "several pictures, in a minute."
        ),
    ] = Head.LINEAR,
    model: Annotated[
        str | None,
        typer.Option(
            help="The installed model to improve. [default: the collection's]", show_default=False
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="PART",
            help="A built-in part that may be joined with the model, as much as pays: shades, "
            "colour, texture, or none; repeatable. [default: shades with a network]",
            show_default=False,
        ),
    ] = None,
    relation: Annotated[
        list[str] | None,
        typer.Option(
            help="What is to be found, as for `evaluate`; repeatable. Each is asked of the sources "
            "that have its columns. [default: the columns product_id, class and category]",
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
        typer.Option("--as", metavar="NAME", help="The new model's name. [default: MODEL-HEAD]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the model to this folder instead of installing it.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make the model even if nothing was gained.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make a model better on your own products, and say what was gained on products it has not
    seen."""
    match head:
        case Head.LINEAR:
            from training.linear.running import run_linear as run
    run(
        sources or [],
        model=model,
        parts=beside or [],
        relations=relation or [],
        queries=queries or [],
        gallery=gallery or [],
        collection=collection,
        split_by=split_by,
        as_name=as_name,
        out=out,
        force=force,
        as_json=as_json,
    )
