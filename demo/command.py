"""`likeness demo`: render the demo catalogue and say what to do with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from demo.errors import DemoError
from demo.render import DEFAULT_PRODUCTS, DemoCatalogue, render_catalogue


def demo_command(default_folder: Callable[[], Path]) -> Callable[..., None]:
    """The command to mount; `default_folder` is asked only when no folder is given."""

    def demo(
        folder: Annotated[
            Path | None, typer.Argument(help="Where to render; default: the data folder's demo/.")
        ] = None,
        seed: Annotated[int, typer.Option(min=0, help="Another seed, other products.")] = 7,
        products: Annotated[
            int, typer.Option(help="How many products; each has two pictures and a query picture.")
        ] = DEFAULT_PRODUCTS,
        force: Annotated[bool, typer.Option("--force", help="Draw everything again.")] = False,
    ) -> None:
        """Render a catalogue of drawn products with known ground truth."""
        target = folder if folder is not None else default_folder()
        try:
            rendered = _with_bar(target, seed, products, force)
        except DemoError as exc:
            typer.echo(f"Error: {exc}", err=True)
            raise typer.Exit(1) from exc
        _report(rendered)

    return demo


def _with_bar(folder: Path, seed: int, products: int, force: bool) -> DemoCatalogue:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Drawing", total=None)
        return render_catalogue(
            folder,
            seed=seed,
            products=products,
            force=force,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _report(rendered: DemoCatalogue) -> None:
    total = rendered.catalogue_pictures + rendered.query_pictures + 2 * rendered.pairs
    if rendered.drawn:
        typer.echo(f"Drew {rendered.drawn} of {total} pictures in {rendered.seconds:.1f} s.")
    else:
        typer.echo(f"All {total} pictures were there already.")
    typer.echo(
        f"{rendered.folder}: {rendered.products} products with "
        f"{rendered.catalogue_pictures} pictures, {rendered.query_pictures} query pictures, "
        f"{rendered.pairs} pairs with one known difference."
    )
    typer.echo(f"Next: likeness index {rendered.manifest}")
