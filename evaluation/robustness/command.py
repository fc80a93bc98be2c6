"""`likeness robustness`: how scores hold when pictures are changed in known ways."""

from pathlib import Path
from typing import Annotated

import typer


def robustness(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of pictures, or a catalogue's CSV; without it (and without "
            "--collection) the demo catalogue is drawn and tried.",
            show_default=False,
        ),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Try this catalogue's pictures.", show_default=False)
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A model, variant or baseline, as for evaluate; repeat it for several. "
            "\\[default: every installed model]",
            show_default=False,
        ),
    ] = None,
    transform: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this one, such as rotation; repeat it for several. \\[default: all]",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=2, help="Most pictures tried. \\[default: 100; 24 if quick]", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Another seed, other pictures, directions and places.")
    ] = 7,
    quick: Annotated[
        bool, typer.Option("--quick", help="One strength of each transform, few pictures.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with plots and pictures to this file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
) -> None:
    """Turn, crop, recolour, blur and hide pictures: do scores still know them?

    Every changed picture is compared with its original, and looks for it among all originals. On
    the demo catalogue, also: what one changed characteristic (colour, view, logo) does to a score.
    """
    from evaluation.robustness.running import run_robustness

    run_robustness(
        source,
        collection=collection,
        models=model or [],
        transforms=transform or [],
        limit=limit,
        seed=seed,
        quick=quick,
        report=report,
        as_json=as_json,
        as_csv=as_csv,
    )
