"""A calibration from the command line's words to what is stored, printed and written."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from catalog.collections import Collections
from embedding.fused.weights import parsed_weights
from evaluation.calibrating.calibrating import Options, calibrate
from evaluation.calibrating.fitting import Wish
from evaluation.calibrating.objectives import Objective
from evaluation.calibrating.page import calibration_html
from evaluation.calibrating.results_json import calibrated_json
from evaluation.calibrating.table import print_calibrated
from evaluation.description_cache import DescriptionCache
from evaluation.models import EmbeddingModel
from evaluation.relations import Relation
from evaluation.reporting.writing import check_writable, write_report
from evaluation.sources.opening import open_source
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings


def run_calibration(
    source: Path | None,
    *,
    model: str | None,
    collection: str | None,
    relation: str | None,
    queries: str | None,
    gallery: str | None,
    weights: str | None,
    objective: Objective,
    wish: Wish,
    folds: int,
    report: Path | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Raises EvaluationError, CatalogError, EmbeddingError, SettingsInvalid."""
    settings = EngineSettings.read()
    if report is not None:
        check_writable(report)
    with Home(settings) as home:
        pictures = open_source(
            source, queries=queries, gallery=gallery, collection=collection, home=home
        )
        name = model or pictures.model or settings.model
        embedder = home.store.load(name, hint="throughput")
        of_collection = None if source is not None else collection or settings.collection
        given = None if weights is None else parsed_weights(weights)
        found = calibrate(
            pictures,
            EmbeddingModel(embedder, home.limits),
            embedder.card,
            Options(
                relation=None if relation is None else Relation.parse(relation),
                objective=objective,
                wish=wish,
                folds=folds,
                pair_weights=given,
                hit_weights=given or _balance(home, of_collection, name),
                collection=of_collection,
            ),
            cache=DescriptionCache(home.root / "cache" / "evaluation"),
            threads=settings.threads or os.cpu_count() or 1,
            watch=TerminalWatch(),
        )
        if not dry_run:
            home.store.calibrate(name, found.calibration)
    if as_json:
        document = {"model": name, "stored": not dry_run, **calibrated_json(found)}
        print(json.dumps(document, indent=2))
    else:
        print_calibrated(name, found, Console(), stored=not dry_run)
    if report is not None:
        write_report(report, calibration_html(name, found))


def clear_calibration(model: str | None, collection: str | None) -> None:
    """Forgets what the scores of the model, else of the collection's, mean.

    Raises CatalogError, ModelError, SettingsInvalid.
    """
    settings = EngineSettings.read()
    with Home(settings) as home:
        name = model
        if name is None:
            with home.database.read() as connection:
                name = Collections(connection).get(collection or settings.collection).model_name
        home.store.calibrate(name, None)
    print(f"Model {name} is not calibrated any more; its threshold is the card's own again.")


def _balance(home: Home, collection: str | None, model: str) -> Mapping[str, float] | None:
    """That of the collection, where it is on this model."""
    if collection is None:
        return None
    with home.database.read() as connection:
        found = Collections(connection).get(collection)
    return found.balance if found.model_name == model else None
