"""`likeness calibrate`: scores that mean something, on somebody's own pictures."""

from pathlib import Path
from typing import Annotated

import typer

from evaluation.calibrating.fitting import Wish


def calibrate(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A catalogue's CSV, a CSV of pairs (left,right,same), or a folder with a "
            "sub-folder for each class; without it, the collection, whose products with several "
            "pictures need no labels.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="An installed model; else the collection's.", show_default=False),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
    ] = None,
    relation: Annotated[
        str | None,
        typer.Option(
            help="What counts as a match: product_id (or a folder's class) unless told otherwise; "
            "style,other:colour for the same style in another colour.",
            show_default=False,
        ),
    ] = None,
    queries: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,…", help="The rows of the CSV that ask.", show_default=False
        ),
    ] = None,
    gallery: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,…|FOLDER",
            help="The rows of the CSV, or the folder, that is searched.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Of a fused model's parts, under which it is going to be used: "
            "colour=0.5,texture=0.1; else the collection's balance, and for pairs the model's own.",
            show_default=False,
        ),
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            help="Where to cut: likely (more probably a match than not), f1, precision>=0.95, or "
            "cost:FP,FN such as cost:5,1."
        ),
    ] = "likely",
    method: Annotated[
        Wish, typer.Option(help="auto: what has the least log loss on products left out.")
    ] = "auto",
    folds: Annotated[
        int, typer.Option(min=2, max=10, help="Into which products are put to be left out in turn.")
    ] = 5,
    report: Annotated[
        Path | None, typer.Option(help="Write an HTML page with reliability diagrams to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be stored, and store nothing.")
    ] = False,
    clear: Annotated[
        bool,
        typer.Option("--clear", help="Forget the calibration of the model, in all collections."),
    ] = False,
) -> None:
    """Find out what similarities mean: how probable a match is, and where to cut.

    Fitted on products with several pictures, measured on products left out, and stored with the
    model; a running service takes it up within its polling interval.
    """
    from evaluation.calibrating.objectives import parse_objective
    from evaluation.calibrating.running import clear_calibration, run_calibration

    if clear:
        if source is not None or dry_run:
            raise typer.BadParameter(
                "--clear forgets what is known of the model, in all collections; leave the source "
                "and --dry-run out.",
                param_hint="--clear",
            )
        clear_calibration(model, collection)
        return
    try:
        chosen = parse_objective(objective)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--objective") from error
    run_calibration(
        source,
        model=model,
        collection=collection,
        relation=relation,
        queries=queries,
        gallery=gallery,
        weights=weights,
        objective=chosen,
        wish=method,
        folds=folds,
        report=report,
        as_json=as_json,
        dry_run=dry_run,
    )
