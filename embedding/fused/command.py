"""`likeness models fuse`: several installed models and built-in parts as one."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from embedding.errors import ModelError
from embedding.fused.built_in import BUILT_IN
from embedding.fused.making import fuse
from embedding.fused.weights import parsed_weights, written
from embedding.store import ModelStore


def add_fuse(
    app: typer.Typer,
    open_store: Callable[[], ModelStore],
    searched_with: Callable[[str], Sequence[str]],
) -> None:
    """The `fuse` subcommand; see `embedding.command.models_app` for the arguments."""

    @app.command("fuse")
    def fuse_models(
        name: Annotated[str, typer.Argument(help="Name of the fused model.")],
        part: Annotated[
            list[str],
            typer.Option(
                help=f"MODEL=WEIGHT: an installed network, or one of {', '.join(BUILT_IN)}. "
                "Repeatable; weights are divided by their sum.",
            ),
        ],
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace another model of that name.")
        ] = False,
    ) -> None:
        """Joins several descriptions of a picture into one model, and one vector."""
        collections = searched_with(name) if overwrite else ()
        if collections:
            raise ModelError(
                f"Model {name!r} is what collection {', '.join(collections)} is searched with, "
                f"and would give other vectors. Choose another name."
            )
        started = time.perf_counter()
        weights = parsed_weights(",".join(part))
        card = fuse(open_store(), name, weights, overwrite=overwrite)
        typer.echo(
            f"Fused {card.name}: {card.dimension} dimensions, in "
            f"{time.perf_counter() - started:.1f} s.\n"
            f"  parts    {written(card.weights)}\n"
            f"  licence  {card.licence}\n"
            f"A search can weigh them otherwise: --weights {written(card.weights)}"
        )
