"""`likeness duplicates`: which pictures of a catalogue are copies of one another."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from retrieval.duplicates.auditing import LEAST_CONFIDENCE


class AcrossChoice(StrEnum):
    PRODUCTS = "products"
    ALL = "all"


def duplicates(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of pictures; without it, the collection.", show_default=False
        ),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
    ] = None,
    across: Annotated[
        AcrossChoice,
        typer.Option(help="Copies that different products share, or those within a product too."),
    ] = AcrossChoice.PRODUCTS,
    least_confidence: Annotated[
        float, typer.Option(help="Leave out what is less sure to be a copy; above 0, at most 1.")
    ] = LEAST_CONFIDENCE,
    csv: Annotated[
        Path | None, typer.Option(help="Write a row for each picture of a group to this file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write an HTML page that shows the groups to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find the pictures that are copies of one another, and the products that share them.

    The same bytes, and what was re-encoded, resized, cropped, mirrored, turned, relit or written
    over. Other views and other colours of a product are no copies.
    """
    from evaluation.duplicates.running import run_audit

    run_audit(
        folder,
        collection=collection,
        across=across.value,
        least_confidence=least_confidence,
        csv_file=csv,
        report=report,
        as_json=as_json,
    )
