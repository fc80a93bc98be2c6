"""The trials from the command line's words to what is printed and written."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.render import Progress
from embedding.images import DecodeLimits
from evaluation.errors import SourceInvalid
from evaluation.reporting.writing import check_writable, write_report
from evaluation.robustness.drawn import DrawnPictures
from evaluation.robustness.effects import FactorPair
from evaluation.robustness.exporting import robustness_json, write_csv
from evaluation.robustness.measuring import measure
from evaluation.robustness.page import report_html
from evaluation.robustness.results import Robustness
from evaluation.robustness.scales import scale_of
from evaluation.robustness.subjects import Sample, sample
from evaluation.robustness.table import print_robustness
from evaluation.robustness.transforms import changes
from evaluation.roster import contenders
from evaluation.sources.opening import open_source
from evaluation.watching import Advance, TerminalWatch, Unwatched, Watch
from retrieval.home import Home
from retrieval.settings import EngineSettings

PICTURES = 100
PAIRS_PER_EFFECT = 24
QUICK_PICTURES = 24
QUICK_PAIRS_PER_EFFECT = 6


def run_robustness(
    source: Path | None,
    *,
    collection: str | None,
    models: Sequence[str],
    transforms: Sequence[str],
    limit: int | None,
    seed: int,
    quick: bool,
    report: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Raises EvaluationError, CatalogError, DemoError, ModelError, SettingsInvalid."""
    if as_json and as_csv:
        raise SourceInvalid("Ask for --json or --csv, not both: they go the same way.")
    if report is not None:
        check_writable(report)
    with Home(EngineSettings.read()) as home:
        found = try_models(
            home,
            source,
            collection=collection,
            models=models,
            transforms=transforms,
            limit=limit,
            seed=seed,
            quick=quick,
            watch=TerminalWatch(),
        )
    if as_json:
        print(json.dumps(robustness_json(found), indent=2))
    elif as_csv:
        write_csv(found, sys.stdout)
    else:
        print_robustness(found, Console())
    if report is not None:
        write_report(report, report_html(found))


def try_models(
    home: Home,
    source: Path | None = None,
    *,
    collection: str | None = None,
    models: Sequence[str] = (),
    transforms: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 7,
    quick: bool = False,
    watch: Watch | None = None,
) -> Robustness:
    """The trials on a folder, a CSV, a collection, or, with none of them, the demo catalogue, whose
    pairs with one changed factor are then tried too. Without `models`, every installed one.

    Descriptions and drawn pictures are kept in the home's cache. Raises EvaluationError,
    CatalogError, DemoError, ModelError.
    """
    watch = watch or Unwatched()
    asked = changes(transforms, quick=quick)
    names = list(dict.fromkeys(models or [card.name for card in home.store.cards()]))
    # The trials' own pictures are small, whatever limits the user's are read under.
    entrants = contenders(names, store=home.store, limits=DecodeLimits())
    scales = [scale_of(name, home.store) for name in names]
    threads = home.settings.threads or os.cpu_count() or 1
    count = limit or (QUICK_PICTURES if quick else PICTURES)
    folder = home.root / "cache" / "robustness"
    pairs: list[FactorPair] = []
    chosen: Sample
    if source is None and collection is None:
        drawn = DrawnPictures(folder, seed)
        per_effect = QUICK_PAIRS_PER_EFFECT if quick else PAIRS_PER_EFFECT
        with watch.step("drawing", count) as advance:
            chosen = drawn.sample(count, _progress(advance))
        with watch.step("drawing pairs", 20 * per_effect) as advance:
            pairs = drawn.pairs(per_effect, _progress(advance))
    else:
        opened = open_source(source, queries=None, gallery=None, collection=collection, home=home)
        chosen = sample(opened, limit=count, seed=seed, limits=home.limits, threads=threads)
    return measure(
        chosen,
        pairs,
        asked,
        list(zip(entrants, scales, strict=True)),
        seed=seed,
        cache_root=folder / "descriptions",
        threads=threads,
        watch=watch,
    )


def _progress(advance: Advance) -> Progress:
    """The renderer says how many are done, a watch wants to know how many more."""
    before = 0

    def progress(done: int, total: int) -> None:
        nonlocal before
        del total
        advance(done - before)
        before = done

    return progress
