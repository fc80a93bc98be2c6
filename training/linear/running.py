"""`likeness train --head linear` from its words to an installed model."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from embedding.linear_head.learnt import HeadLearnt
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.linear.as_json import learnt_json
from training.linear.learning import learn
from training.linear.preparing import Asked, begin, prepare
from training.linear.printing import left_out, print_learnt
from training.linear.publishing import publish
from training.linear.results import BASE, HEAD, Learnt
from training.linear.sources import beside
from training.next_steps import NOT_MADE, next_steps


def run_linear(asked: Asked, *, parts: Sequence[str], force: bool) -> bool:
    """Whether a model was made; it is not where nothing was gained, unless `force`. `parts`: what
    may be joined with the model, as `--with` names it.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid.
    """
    settings = EngineSettings.read()
    watch = TerminalWatch()
    with Home(settings) as home:
        begun = begin(home, asked, suffix="linear")
        joined = beside(begun.card, parts)
        material, vectors, unreadable = prepare(home, asked, begun, parts=joined, watch=watch)
        learnt = learn(
            material, vectors, threads=settings.threads or os.cpu_count() or 1, watch=watch
        )
        made = begun.name if learnt.is_gain or force else None
        advice = [NOT_MADE]
        if made is not None:
            publish(
                home.store,
                made,
                begun.model,
                learnt.shares,
                learnt.head,
                provenance(learnt),
                out=asked.out,
                overwrite=asked.overwrite,
            )
            advice = next_steps(
                home, made, asked.out, model=begun.model, collection=begun.collection
            )
    if asked.as_json:
        print(json.dumps(learnt_json(learnt, published_as=made, out=asked.out), indent=2))
        return made is not None
    console = Console()
    print_learnt(learnt, made, console)
    for line in [*left_out(unreadable), *advice]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return made is not None


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
