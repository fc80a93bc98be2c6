"""`likeness evaluate`: how good the models are on somebody's own pictures."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A catalogue's CSV, a CSV of pairs (left,right,same), or a folder with a "
            "sub-folder for each class; without it, the collection.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="An installed model, a variant of one (classic:l0.5, classic:pca64, "
            "classic:bits128), or a baseline (colour-hsv, colour-lab, gabor-words, mser-words, "
            "composite, points); repeat it to compare several.",
            show_default=False,
        ),
    ] = None,
    relation: Annotated[
        list[str] | None,
        typer.Option(
            help="What counts as found: product_id, or style,other:colour for the same style in "
            "another colour; may be repeated. Without it: the columns product_id, class and "
            "category, where pictures share them.",
            show_default=False,
        ),
    ] = None,
    queries: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,…",
            help="The rows of the CSV that ask; without it, all.",
            show_default=False,
        ),
    ] = None,
    gallery: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,…|FOLDER",
            help="The rows of the CSV, or the folder, that is searched; without it, all.",
            show_default=False,
        ),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
    ] = None,
    k: Annotated[
        list[int] | None,
        typer.Option("--k", min=1, help="A cut-off; repeat it for several. [default: 1, 5, 10]"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Break results down by this column. [default: category]"),
    ] = None,
    resample_by: Annotated[
        str | None,
        typer.Option(
            help="Intervals draw pictures together that agree in this column. "
            "[default: the relation's first]"
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with the worst queries and plots to this file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure how well models find what belongs together, on your own pictures.

    Every picture in turn looks for the others that it should find. Embeddings are kept, so that a
    second run takes seconds.
    """
    from evaluation.running import run_evaluation

    run_evaluation(
        source,
        models=model or [],
        relations=relation or [],
        queries=queries,
        gallery=gallery,
        collection=collection,
        ks=k or [],
        break_down_by=by,
        resample_by=resample_by,
        report=report,
        as_json=as_json,
    )
