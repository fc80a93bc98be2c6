"""The one command line: `likeness …`. Each subcommand is a thin file beside what it runs."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130


def main() -> None:
    """Exit codes: 0 done, 1 done in part (see the report), 2 refused, 130 interrupted."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def build_app() -> typer.Typer:
    """The commands; what they import is imported here, so that Ctrl-C is heard meanwhile."""
    from demo.command import demo_command
    from embedding.command import models_app
    from indexer.command import index, jobs_app, reindex, worker
    from retrieval.command import compare, migrate, search
    from retrieval.home import open_store, pictures_folder
    from retrieval.settings import EngineSettings
    from service.command import keys_app, serve

    app = typer.Typer(
        name="likeness",
        help="Visual search for shop catalogues: index product photos, search them by picture.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for command in (index, search, compare, serve, reindex, migrate, worker):
        app.command()(command)
    app.command("demo")(demo_command(lambda: EngineSettings.read().home / "demo"))
    app.add_typer(jobs_app, name="jobs")
    app.add_typer(
        models_app(
            lambda: open_store(EngineSettings.read()),
            _collections_searched_with,
            lambda: pictures_folder(EngineSettings.read()),
        ),
        name="models",
    )
    app.add_typer(keys_app, name="keys")
    return app


def _options(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder that holds everything; else LIKENESS_HOME, else ./data.",
            show_default=False,
        ),
    ] = None,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if show_version:
        print(f"likeness {version('likeness')}")
        raise typer.Exit
    if home is not None:
        os.environ["LIKENESS_HOME"] = str(home)


def _run() -> None:
    from rich.console import Console
    from rich.markup import escape

    from catalog.errors import CatalogError
    from demo.errors import DemoError
    from embedding.errors import EmbeddingError
    from embedding.threads import one_blas_thread
    from fetching.errors import FetchError
    from indexer.errors import IndexerError
    from retrieval.errors import RetrievalError
    from vector_index.errors import VectorIndexError

    # What a user may run into and can do something about; anything else is a bug, and its
    # traceback is what we want to see.
    expected = (
        CatalogError,
        DemoError,
        EmbeddingError,
        FetchError,
        IndexerError,
        RetrievalError,
        VectorIndexError,
    )
    app = build_app()
    one_blas_thread()
    try:
        app()
    except expected as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}")
        sys.exit(EXIT_REFUSED)


def _collections_searched_with(model: str) -> Sequence[str]:
    from catalog.collections import Collections
    from retrieval.home import Home
    from retrieval.settings import EngineSettings

    with Home(EngineSettings.read()) as home, home.database.read() as connection:
        return [each.name for each in Collections(connection).all() if each.model_name == model]


if __name__ == "__main__":
    main()
