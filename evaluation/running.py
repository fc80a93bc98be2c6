"""An evaluation from the command line's words to what is printed and written."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from evaluation.description_cache import DescriptionCache
from evaluation.errors import ReportUnwritable
from evaluation.evaluating import Options, evaluate
from evaluation.relations import Relation
from evaluation.reporting.page import report_html
from evaluation.results_json import evaluation_json
from evaluation.roster import contenders
from evaluation.sources.opening import open_source
from evaluation.table import print_evaluation
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings

_USUAL_KS = (1, 5, 10)


def run_evaluation(
    source: Path | None,
    *,
    models: Sequence[str],
    relations: Sequence[str],
    queries: str | None,
    gallery: str | None,
    collection: str | None,
    ks: Sequence[int],
    break_down_by: str | None,
    resample_by: str | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Raises EvaluationError, CatalogError, ModelError, SettingsInvalid."""
    settings = EngineSettings.read()
    if report is not None:
        _check_writable(report)
    options = Options(
        relations=tuple(Relation.parse(each) for each in dict.fromkeys(relations)),
        # 1 is always among them: tables are in its order.
        ks=tuple(sorted({1, *(ks or _USUAL_KS)})),
        resample_by=resample_by,
        break_down_by=break_down_by,
    )
    with Home(settings) as home:
        pictures = open_source(
            source, queries=queries, gallery=gallery, collection=collection, home=home
        )
        names = models or [pictures.model or settings.model]
        evaluation = evaluate(
            pictures,
            contenders(names, store=home.store, limits=home.limits),
            options,
            cache=DescriptionCache(home.root / "cache" / "evaluation"),
            threads=settings.threads or os.cpu_count() or 1,
            watch=TerminalWatch(),
        )
    if as_json:
        print(json.dumps(evaluation_json(evaluation), indent=2))
    else:
        print_evaluation(evaluation, Console())
    if report is not None:
        _write(report, report_html(evaluation))
        Console(stderr=True, soft_wrap=True).print(f"Report: {report}", markup=False)


def _check_writable(path: Path) -> None:
    """Before anything is worked out: nobody wants to learn it afterwards."""
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise ReportUnwritable(
            f"The report cannot be written to {path}: name a file in a folder that is there."
        )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportUnwritable(
            f"The report cannot be written to {path} ({error.strerror}). Name a file in a folder "
            "that this user may write."
        ) from error
