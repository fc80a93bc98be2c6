"""An evaluation from the command line's words to what is printed and written."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from evaluation.description_cache import DescriptionCache
from evaluation.evaluating import Options, evaluate
from evaluation.relations import Relation
from evaluation.reporting.page import report_html
from evaluation.reporting.writing import check_writable, write_report
from evaluation.results_json import evaluation_json
from evaluation.roster import contenders
from evaluation.sources.opening import open_source
from evaluation.table import print_evaluation, taught_notes
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
        check_writable(report)
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
        taught_by = {
            card.name: card.taught_by
            for card in home.store.cards()
            if card.name in names and card.taught_by
        }
        evaluation = evaluate(
            pictures,
            contenders(
                names,
                store=home.store,
                limits=home.limits,
                balances={pictures.model: pictures.balance}
                if pictures.model is not None and pictures.balance
                else None,
            ),
            options,
            cache=DescriptionCache(home.root / "cache" / "evaluation"),
            threads=settings.threads or os.cpu_count() or 1,
            watch=TerminalWatch(),
        )
    if as_json:
        print(json.dumps(evaluation_json(evaluation) | {"taught_by": taught_by}, indent=2))
    else:
        console = Console()
        print_evaluation(evaluation, console)
        for line in taught_notes(taught_by):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if report is not None:
        write_report(report, report_html(evaluation))
