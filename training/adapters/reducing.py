"""`likeness train --head pca` and `--head discriminative`: a shorter vector, from its words to an
installed model."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from evaluation.intervals import interval_json
from evaluation.relations import Relation
from evaluation.table import bounds, percent
from evaluation.tuning.printing import signed_bounds
from evaluation.watching import TerminalWatch, Watch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.adapters.reductions import SHRINKAGE, from_matched_pairs, matched_pairs, principal
from training.errors import SettingsInvalid
from training.linear.asking import Answers, answers, folds_of, joined_folds
from training.linear.learning import measured
from training.linear.material import FOLDS, Floats, Material, gathered
from training.linear.printing import unmeasured
from training.linear.publishing import check_place, publish
from training.linear.results import BASE, HEAD, Measured
from training.linear.sources import NOTHING, beside, described, opened, with_relations
from training.linear.vectors import mapped, unit
from training.next_steps import made_json, next_steps

Method = Literal["pca", "discriminative"]
Teach = Callable[[NDArray[np.bool_]], LinearMap]
"""(n,), the pictures that may teach -> the map that they teach."""

USUAL_DIMENSION = 128


@dataclass(frozen=True)
class Reduced:
    """`head`, learnt from all pictures; `measured` of products that did not teach. `products`:
    those whose pictures were matched, 0 where no labels are looked at."""

    method: Method
    head: LinearMap
    measured: Measured
    products: int


def run_reduction(
    method: Method,
    sources: Sequence[Path],
    *,
    dimension: int | None,
    model: str | None,
    relations: Sequence[str],
    queries: Sequence[str],
    gallery: Sequence[str],
    collection: str | None,
    split_by: str | None,
    as_name: str | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> bool:
    """Makes the model whatever is gained: it is asked for because it is shorter. True.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid.
    """
    settings = EngineSettings.read()
    asked = [Relation.parse(each) for each in dict.fromkeys(relations)]
    dimension = dimension or USUAL_DIMENSION
    watch = TerminalWatch()
    with Home(settings) as home:
        found = opened(sources, queries=queries, gallery=gallery, collection=collection, home=home)
        model = model or found[0].model or settings.model
        card = home.store.card(model)
        beside(card, [NOTHING])
        if not 1 <= dimension < card.dimension:
            raise SettingsInvalid(
                f"--dimension {dimension}: the vectors of {model!r} have {card.dimension} numbers. "
                "Name fewer."
            )
        name = as_name or f"{model}-{method}"
        check_place(home, name, out, overwrite=overwrite)
        gathered(with_relations(found, asked), split_by=split_by)
        readable, vectors = described(home, found, model, [], watch)
        material = gathered(with_relations(readable, asked), split_by=split_by)
        wanted = [each.same[0] for each in asked]
        reduced = reduce(material, vectors[model], method, dimension, wanted=wanted, watch=watch)
        learnt = _provenance(reduced, material)
        publish(home.store, name, model, {model: 1.0}, reduced.head, learnt,
                out=out, overwrite=overwrite)  # fmt: skip
        learnt_from = None if sources else collection or settings.collection
        advice = next_steps(home, name, out, model=model, collection=learnt_from)
    if as_json:
        document = _as_json(reduced, model, material) | made_json(name, out)
        print(json.dumps(document, indent=2))
        return True
    console = Console()
    caveat = unmeasured(material.asked_by_all, model, name)
    for line in [*_said(reduced, model, card.dimension), *caveat, *advice]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return True


def reduce(
    material: Material,
    vectors: Floats,
    method: Method,
    dimension: int,
    *,
    wanted: Sequence[str],
    watch: Watch,
) -> Reduced:
    """`vectors`: float32 (n, d), unit length, of all pictures. `wanted`: columns in which matched
    pictures agree, the first that can be learnt from; else the usual one."""
    column = next(each for each in (*wanted, *material.classes) if each in material.classes)
    labels = material.classes[column]

    def teach(taught: NDArray[np.bool_]) -> LinearMap:
        if method == "pca":
            return principal(vectors[taught], dimension)
        pairs = matched_pairs(np.where(taught, labels, -1))
        return from_matched_pairs(vectors, pairs, dimension, shrinkage=SHRINKAGE)

    fold = folds_of(material)
    with watch.step("reduce", 1):
        found = {
            HEAD: by_fold(material, vectors, fold, teach),
            BASE: answers(material, [unit(vectors)], fold, range(FOLDS))[0],
        }
        head = teach(np.ones(material.count, dtype=np.bool_))
    return Reduced(
        method,
        head,
        measured(found, material.questions, material.units_asked),
        products=0 if method == "pca" else material.with_several(column),
    )


def by_fold(material: Material, vectors: Floats, fold: NDArray[np.int64], teach: Teach) -> Answers:
    """What each fold finds with the map that the others teach."""
    return joined_folds(
        [
            answers(material, [mapped(teach(fold != each), vectors)], fold, {each})[0]
            for each in range(FOLDS)
        ]
    )


def _provenance(reduced: Reduced, material: Material) -> HeadLearnt:
    found, gain = reduced.measured.mean[HEAD], reduced.measured.gains[BASE]
    shrinkage = {"shrinkage": SHRINKAGE} if reduced.method == "discriminative" else {}
    return HeadLearnt(
        method=reduced.method,
        settings={"dimension": reduced.head.dimension, **shrinkage},
        sources=material.sources,
        products=reduced.products,
        pictures=material.count,
        measure=tuple(f"R@1, {each}" for each in reduced.measured.queries),
        units=reduced.measured.units,
        found=found.mean,
        gain=gain.mean,
        gain_bounds=(gain.low, gain.high),
        learnt_at=datetime.now(UTC),
    )


def _as_json(reduced: Reduced, model: str, material: Material) -> dict[str, Any]:
    found = reduced.measured
    return {
        "model": model,
        "method": reduced.method,
        "dimension": reduced.head.dimension,
        "sources": list(material.sources),
        "asked_by_all": list(material.asked_by_all),
        "pictures": material.count,
        "products": reduced.products,
        "queries": dict(found.queries),
        "r_at_1": {name: interval_json(each) for name, each in found.mean.items()},
        "gain": interval_json(found.gains[BASE]),
    }


def _said(reduced: Reduced, model: str, length: int) -> list[str]:
    found = reduced.measured
    of_each = [
        f"  {question}, {count:,} queries: {percent(found.by_question[BASE][question])} and "
        f"{percent(found.by_question[HEAD][question])}"
        for question, count in found.queries.items()
    ]
    base, head, gain = found.mean[BASE], found.mean[HEAD], found.gains[BASE]
    return [
        f"R@1 in percent on products that taught nothing, by {model} as it is, of {length:,} "
        f"numbers, and in {reduced.head.dimension}:",
        *of_each,
        f"In the mean {percent(base)} ({bounds(base)}) and {percent(head)} ({bounds(head)}): "
        f"{100 * gain.mean:+.1f} ({signed_bounds(gain)}) points.",
    ]
