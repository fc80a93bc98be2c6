"""`likeness train --head pca` and `--head discriminative`: a shorter vector, from its words to an
installed model."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from evaluation.intervals import interval_json
from evaluation.table import bounds, percent
from evaluation.tuning.printing import signed_bounds
from evaluation.watching import TerminalWatch, Watch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.adapters.reductions import SHRINKAGE, from_matched_pairs, matched_pairs, principal
from training.errors import SettingsInvalid
from training.linear.asking import Answers, answers, folds_of, joined_folds
from training.linear.learning import measured
from training.linear.material import FOLDS, Floats, Material
from training.linear.preparing import Asked, begin, prepare
from training.linear.printing import left_out, unmeasured
from training.linear.publishing import publish
from training.linear.results import BASE, HEAD, Measured
from training.linear.sources import NOTHING, beside
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


def run_reduction(asked: Asked, method: Method, dimension: int | None) -> None:
    """Makes the model whatever it gains: it is asked for because it is shorter.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid.
    """
    dimension = dimension or USUAL_DIMENSION
    watch = TerminalWatch()
    with Home(EngineSettings.read()) as home:
        begun = begin(home, asked, suffix=method)
        model, length = begun.model, begun.card.dimension
        beside(begun.card, [NOTHING])
        if dimension >= length:
            raise SettingsInvalid(
                f"--dimension {dimension}: the vectors of {model!r} have {length} numbers. Name "
                "fewer."
            )
        material, vectors, unreadable = prepare(home, asked, begun, parts=[], watch=watch)
        wanted = [each.same[0] for each in begun.relations]
        reduced = reduce(material, vectors[model], method, dimension, wanted=wanted, watch=watch)
        publish(
            home.store,
            begun.name,
            model,
            {model: 1.0},
            reduced.head,
            _provenance(reduced, material),
            out=asked.out,
            overwrite=asked.overwrite,
        )
        advice = next_steps(home, begun.name, asked.out, model=model, collection=begun.collection)
    if asked.as_json:
        document = _as_json(reduced, model, material) | made_json(begun.name, asked.out)
        print(json.dumps(document, indent=2))
        return
    caveat = unmeasured(material.asked_by_all, model, begun.name)
    console = Console()
    for line in [*_said(reduced, model, length), *caveat, *left_out(unreadable), *advice]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


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
