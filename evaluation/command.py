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
            "classic:bits128), a baseline (colour-hsv, colour-lab, gabor-words, mser-words, "
            "composite, points), or a part of fused models (colour, texture, shades); repeat it "
            "to compare several.",
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
        typer.Option("--k", min=1, help="A cut-off; repeat it for several. \\[default: 1, 5, 10]"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Break results down by this column. \\[default: category]"),
    ] = None,
    resample_by: Annotated[
        str | None,
        typer.Option(
            help="Intervals draw pictures together that agree in this column, and --tune keeps "
            "them in one half. \\[default: the relation's first]"
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with the worst queries and plots to this file."),
    ] = None,
    tune: Annotated[
        bool,
        typer.Option(
            "--tune",
            help="Instead: recommend how much each part of a fused model should count, from "
            "products with several pictures.",
        ),
    ] = False,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply", help="With --tune: set the collection's balance, if something is gained."
        ),
    ] = False,
    as_name: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME",
            help="With --tune: make a model of the recommended weights, whose card says how they "
            "were chosen.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure how well models find what belongs together, on your own pictures.

    Every picture in turn looks for the others that it should find. Embeddings are kept, so that a
    second run takes seconds.
    """
    if tune:
        given = {"--k": k, "--by": by, "--report": report}
        if unused := [name for name, value in given.items() if value]:
            raise typer.BadParameter(f"{unused[0]} cannot be used with --tune")
        from evaluation.tuning.running import run_tuning

        run_tuning(
            source,
            models=model or [],
            relations=relation or [],
            queries=queries,
            gallery=gallery,
            collection=collection,
            split_by=resample_by,
            apply=apply,
            as_name=as_name,
            as_json=as_json,
        )
        return
    if apply or as_name is not None:
        raise typer.BadParameter("--apply and --as belong to --tune")
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
