"""`likeness index`, `reindex`, `worker` and `jobs`. What they run is imported when they run."""

from pathlib import Path
from typing import Annotated

import typer

_COLLECTION = typer.Option(help="Which catalogue; else LIKENESS_COLLECTION, else `default`.")
_JSON = typer.Option("--json", help="For programs.")


def index(
    source: Annotated[
        str,
        typer.Argument(
            help="A folder of pictures, a manifest (.csv, .tsv, .jsonl, .ndjson), a list of "
            "addresses (.txt), or the address of one of these (http://…, s3://…)."
        ),
    ],
    collection: Annotated[str | None, _COLLECTION] = None,
    model: Annotated[
        str | None, typer.Option(help="Model of the collection, if it is a new one.")
    ] = None,
    category_from_folders: Annotated[
        bool,
        typer.Option(
            "--category-from-folders", help="The folder a picture lies in becomes its category."
        ),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove products that are not in this source.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Take an empty source at its word.")
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write everything that failed to this CSV file.")
    ] = None,
) -> None:
    """Take a source's products into a collection and publish them.

    What is unchanged is passed over, so the same command goes on after an interruption, and brings
    a collection up to date. Exit code 1 when some of it failed.
    """
    from indexer.starting import index_source

    index_source(
        source,
        collection_name=collection,
        model=model,
        options={
            "origin": "cli",
            "prune": prune,
            "allow_empty": allow_empty,
            "category_from_folders": category_from_folders,
        },
        as_json=as_json,
        report=report,
    )


def reindex(
    model: Annotated[
        str | None, typer.Option(help="The model to change to; else the present one, anew.")
    ] = None,
    collection: Annotated[str | None, _COLLECTION] = None,
    drop_missing: Annotated[
        bool,
        typer.Option(
            "--drop-missing", help="Remove pictures that cannot be embedded from their products."
        ),
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Embed a collection under another model while it serves, then flip; or mend its index."""
    from indexer.starting import reindex_collection

    reindex_collection(
        collection_name=collection, model=model, drop_missing=drop_missing, as_json=as_json
    )


def worker(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when no job is left to do.")
    ] = False,
    exit_with_parent: Annotated[
        int | None,
        typer.Option(
            metavar="PID", help="End when the starting process, which has this number, has ended."
        ),
    ] = None,
) -> None:
    """Run jobs that were started over HTTP, or left by a worker that died, until told to stop."""
    from indexer.worker import work

    work(until_idle=until_idle, exit_with_parent=exit_with_parent)


jobs_app = typer.Typer(no_args_is_help=True, help="Bulk jobs: what runs, what failed, stopping.")


@jobs_app.command("list")
def list_jobs(
    limit: Annotated[
        int, typer.Option(help="How many, the newest first.", min=1, max=100_000)
    ] = 20,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Jobs, the newest first."""
    from indexer.job_list import print_jobs

    print_jobs(limit, as_json=as_json)


@jobs_app.command("show")
def show_job(job_id: int, as_json: Annotated[bool, _JSON] = False) -> None:
    """How a job stands."""
    from indexer.job_list import print_job

    print_job(job_id, as_json=as_json)


@jobs_app.command("failures")
def list_failures(job_id: int, as_json: Annotated[bool, _JSON] = False) -> None:
    """Everything that failed in a job, and why."""
    from indexer.job_list import print_failures

    print_failures(job_id, as_json=as_json)


@jobs_app.command("cancel")
def cancel_job(job_id: int) -> None:
    """Stop a job; what it has committed stays."""
    from indexer.job_list import cancel

    cancel(job_id)
