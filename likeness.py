"""The one command line: `likeness …`. Each subcommand is a thin file beside what it runs."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Exit codes: 0 done, 1 done in part (see the report), 2 refused, 3 nothing gained and so no
    model was made, 130 interrupted."""
    # Imports make objects by the hundred thousand and drop hardly any. Looking among them for
    # garbage after every 700, which is Python's way, takes a tenth of a start.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def build_app(arguments: Sequence[str] = ()) -> typer.Typer:
    """The commands that `arguments` name anywhere, or all of them when they name none.

    What a command imports is imported here, so that Ctrl-C is heard meanwhile; of the others
    nothing is, so that a service starts without the parts that only add models or draw demos.
    """
    app = typer.Typer(
        name="likeness",
        help="Visual search for shop catalogues: index product photos, search them by picture.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for name in [each for each in _COMMANDS if each in arguments] or _COMMANDS:
        _COMMANDS[name](app)
    return app


def _add_index(app: typer.Typer) -> None:
    from indexer.command import index

    app.command("index")(index)


def _add_search(app: typer.Typer) -> None:
    from retrieval.command import search

    app.command("search")(search)


def _add_compare(app: typer.Typer) -> None:
    from retrieval.command import compare

    app.command("compare")(compare)


def _add_balance(app: typer.Typer) -> None:
    from retrieval.balance_command import balance

    app.command("balance")(balance)


def _add_serve(app: typer.Typer) -> None:
    from service.command import serve

    app.command("serve")(serve)


def _add_reindex(app: typer.Typer) -> None:
    from indexer.command import reindex

    app.command("reindex")(reindex)


def _add_migrate(app: typer.Typer) -> None:
    from retrieval.command import migrate

    app.command("migrate")(migrate)


def _add_worker(app: typer.Typer) -> None:
    from indexer.command import worker

    app.command("worker")(worker)


def _add_demo(app: typer.Typer) -> None:
    from demo.command import demo_command
    from retrieval.settings import EngineSettings

    app.command("demo")(demo_command(lambda: EngineSettings.read().home / "demo"))


def _add_jobs(app: typer.Typer) -> None:
    from indexer.command import jobs_app

    app.add_typer(jobs_app, name="jobs")


def _add_models(app: typer.Typer) -> None:
    from embedding.command import models_app
    from retrieval.home import open_store, pictures_folder
    from retrieval.settings import EngineSettings

    app.add_typer(
        models_app(
            lambda: open_store(EngineSettings.read()),
            _collections_searched_with,
            lambda: pictures_folder(EngineSettings.read()),
        ),
        name="models",
    )


def _add_evaluate(app: typer.Typer) -> None:
    from evaluation.command import evaluate

    app.command("evaluate")(evaluate)


def _add_robustness(app: typer.Typer) -> None:
    from evaluation.robustness.command import robustness

    app.command("robustness")(robustness)


def _add_calibrate(app: typer.Typer) -> None:
    from evaluation.calibrating.command import calibrate

    app.command("calibrate")(calibrate)


def _add_duplicates(app: typer.Typer) -> None:
    from evaluation.duplicates.command import duplicates

    app.command("duplicates")(duplicates)


def _add_train(app: typer.Typer) -> None:
    from training.command import train

    app.command("train")(train)


def _add_ablation(app: typer.Typer) -> None:
    from training.ablation.command import ablation

    app.command("ablation")(ablation)


def _add_distil(app: typer.Typer) -> None:
    from training.distillation.command import distil

    app.command("distil")(distil)


def _add_keys(app: typer.Typer) -> None:
    from service.command import keys_app

    app.add_typer(keys_app, name="keys")


# In the order in which `likeness --help` lists them.
_COMMANDS: dict[str, Callable[[typer.Typer], None]] = {
    "index": _add_index,
    "search": _add_search,
    "compare": _add_compare,
    "balance": _add_balance,
    "serve": _add_serve,
    "reindex": _add_reindex,
    "migrate": _add_migrate,
    "worker": _add_worker,
    "demo": _add_demo,
    "jobs": _add_jobs,
    "models": _add_models,
    "evaluate": _add_evaluate,
    "calibrate": _add_calibrate,
    "robustness": _add_robustness,
    "duplicates": _add_duplicates,
    "ablation": _add_ablation,
    "train": _add_train,
    "distil": _add_distil,
    "keys": _add_keys,
}


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
    from evaluation.errors import EvaluationError
    from fetching.errors import FetchError
    from indexer.errors import IndexerError
    from retrieval.errors import RetrievalError
    from training.errors import TrainingError
    from vector_index.errors import VectorIndexError

    # What a user may run into and can do something about; anything else is a bug, and its
    # traceback is what we want to see.
    expected = (
        CatalogError,
        DemoError,
        EmbeddingError,
        EvaluationError,
        FetchError,
        IndexerError,
        RetrievalError,
        TrainingError,
        VectorIndexError,
    )
    app = build_app(sys.argv[1:])
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
