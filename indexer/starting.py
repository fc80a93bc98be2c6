"""What `likeness index` and `likeness reindex` do: claim a job, run it here, tell how it went."""

import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from catalog.records import CollectionRecord, JobKind
from indexer.claiming import claimed
from indexer.errors import ModelFixed
from indexer.failure_report import FailureReport
from indexer.identity import own_identity
from indexer.progress import ProgressBar
from indexer.running import JobEnd, JobRunner
from indexer.settings import IndexerSettings
from indexer.signals import stopped_by_signals
from indexer.sources.opening import check_there, normalised
from indexer.stopping import Stop
from indexer.summary import print_end
from retrieval.home import Home

EXIT_IN_PART = 1
EXIT_REFUSED = 2
EXIT_INTERRUPTED = 130


def index_source(
    source: str,
    *,
    collection_name: str | None,
    model: str | None,
    options: Mapping[str, Any],
    as_json: bool,
    report: Path | None,
) -> None:
    """Raises typer.Exit unless all went well; JobConflict, ModelFixed, SettingsInvalid, …"""
    settings = IndexerSettings.read()
    source = normalised(source)
    check_there(source)
    with Home(settings) as home:
        failure_report = None if report is None else FailureReport(home.database, report)
        collection = home.ensure_collection(collection_name or settings.collection, model)
        _check_model(collection, model)
        _run(
            home,
            settings,
            "index",
            collection,
            source=source,
            options=options,
            as_json=as_json,
            report=failure_report,
        )


def reindex_collection(
    *, collection_name: str | None, model: str | None, drop_missing: bool, as_json: bool
) -> None:
    """Likewise."""
    from catalog.collections import Collections

    settings = IndexerSettings.read()
    with Home(settings) as home:
        if model is not None:
            home.store.card(model)
        with home.database.read() as connection:
            collection = Collections(connection).get(collection_name or settings.collection)
        _run(
            home,
            settings,
            "reindex",
            collection,
            source=None,
            options={"model": model, "drop_missing": drop_missing},
            as_json=as_json,
            report=None,
        )


def _run(
    home: Home,
    settings: IndexerSettings,
    kind: JobKind,
    collection: CollectionRecord,
    *,
    source: str | None,
    options: Mapping[str, Any],
    as_json: bool,
    report: FailureReport | None,
) -> None:
    started = time.monotonic()
    me = own_identity()
    job = claimed(home.database, kind, collection, source=source, options=options, worker=me)
    stop = Stop()
    with stopped_by_signals(stop, "interrupted"), ProgressBar(silent=as_json) as bar:
        end = JobRunner(home, settings, worker=me, stop=stop, watch=bar).run(job)
    if report is not None:
        report.write(end.job.id)
    print_end(
        home,
        end,
        seconds=time.monotonic() - started,
        again=_command_line(),
        as_json=as_json,
        report=report,
    )
    code = _exit_code(end)
    if code:
        raise typer.Exit(code)


def _exit_code(end: JobEnd) -> int:
    if end.job.status == "interrupted":
        return EXIT_INTERRUPTED
    # With a full disk not even the failure can be written: the job stays as it was.
    if end.error is not None:
        return EXIT_REFUSED
    if end.job.status != "done":
        return EXIT_IN_PART
    return EXIT_IN_PART if end.job.failed else 0


def _check_model(collection: CollectionRecord, model: str | None) -> None:
    if model not in (None, collection.model_name):
        raise ModelFixed(
            f"Collection {collection.name!r} exists already, under model "
            f"{collection.model_name!r}. Leave --model out, or change the model with: likeness "
            f"reindex --collection {collection.name} --model {model}"
        )


def _command_line() -> str:
    """The command as it was given, every option included: what goes on where it stopped."""
    return shlex.join(["likeness", *sys.argv[1:]])
