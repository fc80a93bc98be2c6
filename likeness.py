"""The one command line: `likeness …`. Each subcommand is a thin file beside what it runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from catalog.errors import CatalogError
from demo.command import demo_command
from embedding.command import models_app
from embedding.errors import EmbeddingError
from embedding.threads import one_blas_thread
from fetching.errors import FetchError
from indexer.command import index, jobs_app, reindex, worker
from indexer.errors import IndexerError
from retrieval.command import compare, migrate, search
from retrieval.errors import RetrievalError
from retrieval.home import open_store
from retrieval.settings import EngineSettings
from service.command import keys_app, serve
from vector_index.errors import VectorIndexError

# What a program or a user may run into and can do something about; anything else is a bug, and
# its traceback is what we want to see.
EXPECTED = (
    CatalogError,
    EmbeddingError,
    FetchError,
    IndexerError,
    RetrievalError,
    VectorIndexError,
)
EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="likeness",
    help="Visual search for shop catalogues: index product photos, search them by picture.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def folder(
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder that holds everything; else LIKENESS_HOME, else ./data.",
            show_default=False,
        ),
    ] = None,
) -> None:
    if home is not None:
        os.environ["LIKENESS_HOME"] = str(home)


app.command()(index)
app.command()(search)
app.command()(compare)
app.command()(serve)
app.command()(reindex)
app.command()(migrate)
app.command()(worker)
app.command("demo")(demo_command(lambda: EngineSettings.read().home / "demo"))
app.add_typer(jobs_app, name="jobs")
app.add_typer(models_app(lambda: open_store(EngineSettings.read())), name="models")
app.add_typer(keys_app, name="keys")


def main() -> None:
    """Exit codes: 0 done, 1 done in part (see the report), 2 refused, 130 interrupted."""
    one_blas_thread()
    try:
        app()
    except EXPECTED as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {_plain(error)}")
        sys.exit(EXIT_REFUSED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _plain(error: Exception) -> str:
    from rich.markup import escape

    return escape(str(error))


if __name__ == "__main__":
    main()
