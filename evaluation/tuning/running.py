"""`likeness evaluate --tune` from its words to what is printed, applied and made."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from catalog.collections import Collections
from embedding.card import ModelCard
from embedding.fused.balance import fits
from embedding.fused.making import fuse
from embedding.model_names import check_name
from evaluation.describing import describe
from evaluation.description_cache import DescriptionCache
from evaluation.errors import SourceInvalid, TuningRefused
from evaluation.evaluating import usual_relations
from evaluation.models import EmbeddingModel
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.sources.opening import open_source
from evaluation.tuning.as_json import tuning_json
from evaluation.tuning.printing import print_tuning
from evaluation.tuning.provenance import chosen
from evaluation.tuning.results import Tuning, Weights
from evaluation.tuning.tuning import aims_of, tune
from evaluation.watching import TerminalWatch
from retrieval.balancing import set_balance
from retrieval.home import Home
from retrieval.scoring import left_uncalibrated
from retrieval.settings import EngineSettings


def run_tuning(
    source: Path | None,
    *,
    models: Sequence[str],
    relations: Sequence[str],
    queries: str | None,
    gallery: str | None,
    collection: str | None,
    split_by: str | None,
    apply: bool,
    as_name: str | None,
    as_json: bool,
) -> None:
    """Raises EvaluationError, CatalogError, ModelError, WeightsInvalid, SettingsInvalid."""
    settings = EngineSettings.read()
    if as_name is not None:
        check_name(as_name)
    asked = [Relation.parse(each) for each in dict.fromkeys(relations)]
    with Home(settings) as home:
        pictures = open_source(
            source, queries=queries, gallery=gallery, collection=collection, home=home
        )
        name = _one_model(models) or pictures.model or settings.model
        card = _fused_card(home, name)
        searched = None
        if source is None:
            searched = _searched(home, collection or settings.collection, card)
        if apply and searched is None:
            raise TuningRefused(
                "--apply sets the balance of a collection that is searched with the model that is "
                "tuned. Leave SOURCE and --model away, or set it yourself: likeness balance."
            )
        as_it_is = None if searched is None else searched.balance
        tuning = _tuned(home, pictures, asked, card, as_it_is, split_by)
        _show(tuning, searched, as_json)
        if apply and searched is not None and tuning.is_gain:
            set_balance(home, searched.name, tuning.recommended)
        if as_name is not None:
            weights = {part: share for part, share in tuning.recommended.items() if share > 0.0}
            fuse(home.store, as_name, weights, overwrite=False, chosen=chosen(tuning))
    _say_what_was_done(tuning, card, searched if apply else None, as_name)


@dataclass(frozen=True)
class Searched:
    """A collection that is searched with the model; `balance` is None for the model's weights."""

    name: str
    created_at: datetime
    balance: Weights | None


def _show(tuning: Tuning, searched: Searched | None, as_json: bool) -> None:
    if as_json:
        print(json.dumps(tuning_json(tuning), indent=2))
    else:
        print_tuning(tuning, None if searched is None else searched.name, Console())


def _one_model(models: Sequence[str]) -> str | None:
    if len(models) > 1:
        raise TuningRefused(
            f"--tune takes one fused model, and {len(models)} are named. Tune one after another."
        )
    return models[0] if models else None


def _fused_card(home: Home, name: str) -> ModelCard:
    card = home.store.card(name)
    if not card.parts:
        raise TuningRefused(
            f"The model {name!r} has no parts to weigh. Fuse it with some, alike at first, and "
            f"tune that: likeness models fuse mix --part {name}=1 --part shades=1 --part texture=1"
            if card.kind == "onnx"
            else f"The model {name!r} has no parts to weigh; a fused model has: likeness models "
            "fuse mix --part NETWORK=1 --part shades=1 --part texture=1"
        )
    return card


def _searched(home: Home, collection: str, card: ModelCard) -> Searched | None:
    """The collection, if it is on this model."""
    with home.database.read() as connection:
        found = Collections(connection).get(collection)
    if found.model_fingerprint != card.fingerprint:
        return None
    balance = found.balance if found.balance and fits(found.balance, card) else None
    return Searched(collection, found.created_at, balance)


def _tuned(
    home: Home,
    pictures: PictureSet,
    asked: Sequence[Relation],
    card: ModelCard,
    as_it_is: Weights | None,
    split_by: str | None,
) -> Tuning:
    # Before anything is described: a column that is not there should be known at once.
    relations = [] if pictures.same is not None else asked or usual_relations(pictures)
    for relation in relations:
        relation.known(pictures)
    if split_by is not None:
        pictures.codes(split_by)
    watch = TerminalWatch()
    model = EmbeddingModel(home.store.load(card.name, hint="throughput"), home.limits)
    contents = {each.content_sha256 for each in pictures.pictures}
    with watch.step(f"{card.name}: describe pictures", len(contents)) as advance:
        described = describe(
            model,
            pictures.pictures,
            DescriptionCache(home.root / "cache" / "evaluation"),
            known=pictures.known.get(model.key, {}),
            threads=home.settings.threads or os.cpu_count() or 1,
            advance=advance,
        )
    readable = pictures.without(described.unreadable)
    if not readable.pictures:
        raise SourceInvalid(f"{pictures.source}: no picture can be read.")
    return tune(
        readable,
        aims_of(readable, relations),
        card,
        described.of(readable.pictures),
        as_it_is=as_it_is,
        split_by=split_by,
        watch=watch,
    )


def _say_what_was_done(
    tuning: Tuning, card: ModelCard, applied: Searched | None, as_name: str | None
) -> None:
    console = Console(stderr=True, soft_wrap=True)
    if applied is not None:
        done = "is set" if tuning.is_gain else "was left as it is: nothing was gained"
        console.print(f"The balance of collection {applied.name} {done}.", markup=False)
        if tuning.is_gain and (
            warning := left_uncalibrated(card, applied.name, applied.created_at, tuning.recommended)
        ):
            console.print(warning, markup=False, highlight=False)
    if as_name is not None:
        console.print(
            f"Made {as_name}. To use it: likeness reindex --model {as_name}", markup=False
        )
