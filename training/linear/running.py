"""`likeness train --head linear` from its words to an installed model."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from embedding.linear_head.learnt import HeadLearnt
from evaluation.relations import Relation
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.linear.as_json import learnt_json
from training.linear.learning import learn
from training.linear.material import gathered
from training.linear.printing import next_steps, print_learnt
from training.linear.publishing import check_free, publish
from training.linear.results import BASE, HEAD, Learnt
from training.linear.sources import beside, described, opened, with_relations


def run_linear(
    sources: Sequence[Path],
    *,
    model: str | None,
    parts: Sequence[str],
    relations: Sequence[str],
    queries: Sequence[str],
    gallery: Sequence[str],
    collection: str | None,
    split_by: str | None,
    as_name: str | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid."""
    settings = EngineSettings.read()
    asked = [Relation.parse(each) for each in dict.fromkeys(relations)]
    watch = TerminalWatch()
    with Home(settings) as home:
        found = opened(sources, queries=queries, gallery=gallery, collection=collection, home=home)
        model = model or found[0].model or settings.model
        card = home.store.card(model)
        name = as_name or f"{model}-linear"
        check_free(home.store, name, out)
        names = beside(card, parts)
        # Before anything is described: what is missing should be known at once.
        gathered(with_relations(found, asked), split_by=split_by)
        readable, vectors = described(home, found, model, names, watch)
        material = gathered(with_relations(readable, asked), split_by=split_by)
        learnt = learn(
            material, vectors, threads=settings.threads or os.cpu_count() or 1, watch=watch
        )
        is_published = learnt.is_gain or force
        if is_published:
            publish(
                home.store, name, model, learnt.shares, learnt.head, provenance(learnt), out=out
            )
    if as_json:
        document = learnt_json(learnt, published_as=name if is_published else None)
        print(json.dumps(document, indent=2))
        return
    console = Console()
    print_learnt(learnt, console)
    if unreadable := sum(len(each.unreadable) for each in readable):
        console.print(f"Pictures that cannot be read and were left out: {unreadable:,}.")
    for line in _outcome(name, is_published, out, None if sources else collection):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def provenance(learnt: Learnt) -> HeadLearnt:
    found, gain = learnt.measured.mean[HEAD], learnt.measured.gains[BASE]
    return HeadLearnt(
        method="whitening",
        settings={"shrinkage": learnt.recipe.shrinkage, "dimension": learnt.head.dimension},
        sources=learnt.sources,
        products=learnt.classes,
        pictures=learnt.pictures,
        measure=tuple(f"R@1, {each}" for each in learnt.measured.queries),
        units=learnt.measured.units,
        found=found.mean,
        gain=gain.mean,
        gain_bounds=(gain.low, gain.high),
        learnt_at=datetime.now(UTC),
    )


def _outcome(name: str, is_published: bool, out: Path | None, collection: str | None) -> list[str]:
    if not is_published:
        return ["No model was made; --force makes it all the same."]
    return next_steps(name, out, collection)
