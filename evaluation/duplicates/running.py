"""An audit from the command line's words to what is printed and written."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from evaluation.duplicates.page import audit_html
from evaluation.duplicates.rows import audit_csv, audit_json
from evaluation.duplicates.table import print_audit
from evaluation.reporting.writing import check_writable, write_report
from evaluation.watching import Advance, TerminalWatch
from retrieval.duplicates.auditing import Across, audited, check_confidence
from retrieval.duplicates.sources import collection_listing, folder_listing
from retrieval.errors import QueryInvalid
from retrieval.home import Home
from retrieval.settings import EngineSettings


def run_audit(
    folder: Path | None,
    *,
    collection: str | None,
    across: Across,
    least_confidence: float,
    csv_file: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Raises CatalogError, EvaluationError, ModelError, QueryInvalid, SettingsInvalid."""
    if folder is not None and collection is not None:
        raise QueryInvalid("Name a folder or --collection, not both.")
    check_confidence(least_confidence)
    for path in (csv_file, report):
        if path is not None:
            check_writable(path)
    settings = EngineSettings.read()
    threads = settings.threads or os.cpu_count() or 1
    with Home(settings) as home, ExitStack() as stack:
        step = _one_bar_at_a_time(stack)
        listing = (
            collection_listing(home, collection or settings.collection)
            if folder is None
            else folder_listing(folder, home, threads=threads, step=step)
        )
        audit = audited(
            listing,
            home.limits,
            across=across,
            least_confidence=least_confidence,
            threads=threads,
            step=step,
        )
    if as_json:
        print(json.dumps(audit_json(audit), indent=2))
    else:
        print_audit(audit, Console())
    if csv_file is not None:
        write_report(csv_file, audit_csv(audit))
    if report is not None:
        write_report(report, audit_html(audit))


def _one_bar_at_a_time(stack: ExitStack) -> Callable[[str, int], Advance]:
    """A terminal shows one live bar: that of a step goes when the next begins."""
    watch = TerminalWatch()

    def step(name: str, total: int) -> Advance:
        stack.close()
        return stack.enter_context(watch.step(name, total))

    return step
