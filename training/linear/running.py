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
from training.linear.printing import print_learnt
from training.linear.publishing import check_place, publish
from training.linear.results import BASE, HEAD, Learnt
from training.linear.sources import beside, described, opened, with_relations
from training.next_steps import NOT_MADE, next_steps


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
    overwrite: bool,
    force: bool,
    as_json: bool,
) -> bool:
    """Whether a model was made; it is not where nothing was gained, unless `force`.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid."""
    settings = EngineSettings.read()
    asked = [Relation.parse(each) for each in dict.fromkeys(relations)]
    watch = TerminalWatch()
    with Home(settings) as home:
        found = opened(sources, queries=queries, gallery=gallery, collection=collection, home=home)
        model = model or found[0].model or settings.model
        card = home.store.card(model)
        name = as_name or f"{model}-linear"
        check_place(home, name, out, overwrite=overwrite)
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
                home.store,
                name,
                model,
                learnt.shares,
                learnt.head,
                provenance(learnt),
                out=out,
                overwrite=overwrite,
            )
        advice = next_steps(
            home,
            name,
            out,
            model=model,
            collection=None if sources else collection or settings.collection,
        )
    if as_json:
        made = name if is_published else None
        print(json.dumps(learnt_json(learnt, published_as=made, out=out), indent=2))
        return is_published
    console = Console()
    print_learnt(learnt, name if is_published else None, console)
    if unreadable := sum(len(each.unreadable) for each in readable):
        console.print(f"Pictures that cannot be read and were left out: {unreadable:,}.")
    for line in advice if is_published else [NOT_MADE]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return is_published


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
