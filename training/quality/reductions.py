"""The section of the page about shorter vectors."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evaluation.quality.section import Section, Table, percent
from evaluation.tuning.paired import JointBootstrap
from training.adapters.reductions import from_matched_pairs, principal
from training.linear.asking import answers, folds_of
from training.linear.material import FOLDS, Floats, Material
from training.linear.vectors import mapped, unit
from training.quality.material import Training, only

_DIMENSIONS = (32, 64, 128, 256, 512)
_SHRINKAGE = 0.3


def reductions(training: Training) -> Section:
    """Shorter vectors, with labels and without."""
    name, vectors = training.joined
    material = training.material
    fold = folds_of(material)
    bootstrap = JointBootstrap(material.units_asked)

    def asked(reduced: Callable[[NDArray[np.bool_]], Floats]) -> list[NDArray[np.float64]]:
        """`reduced`: pictures that may teach -> all vectors."""
        of_folds = [
            answers(material, [reduced(fold != each)], fold, {each})[0] for each in range(FOLDS)
        ]
        return [np.nanmax(np.stack(each), axis=0) for each in zip(*of_folds, strict=True)]

    with training.setting.watch.step("reduce", len(_DIMENSIONS)) as advance:
        whole = bootstrap.mean(asked(lambda _: unit(vectors)))
        rows = [["all", percent(whole), ""]]
        for dimension in _DIMENSIONS:
            shown = [
                asked(partial(_by_components, vectors, dimension)),
                asked(partial(_by_pairs, material, vectors, dimension)),
            ]
            rows.append([f"{dimension}", *(percent(bootstrap.mean(each)) for each in shown)])
            advance(1)
    return Section(
        "Shorter vectors",
        f"`{name}` reduced by principal components, which take no labels, and by what was learnt "
        "on pairs of pictures of one style (in `grocery`: product) after S4's sources.",
        [
            Table(
                "R@1 against the dimension, in the mean over what is asked",
                only("reductions"),
                ["dimension", "principal components", "matched pairs"],
                rows,
            )
        ],
    )


def _by_components(vectors: Floats, dimension: int, taught: NDArray[np.bool_]) -> Floats:
    return mapped(principal(vectors[taught], dimension), vectors)


def _by_pairs(
    material: Material, vectors: Floats, dimension: int, taught: NDArray[np.bool_]
) -> Floats:
    classes = np.where(taught, material.classes["style"], -1)
    random = np.random.default_rng(0)
    pairs = [
        tuple(random.choice(members, 2, replace=False))
        for label in np.unique(classes[classes >= 0])
        if len(members := np.flatnonzero(classes == label)) > 1
        for _ in range(min(2 * len(members), 60))
    ]
    head = from_matched_pairs(
        vectors, np.array(pairs, dtype=np.int64), dimension, shrinkage=_SHRINKAGE
    )
    return mapped(head, vectors)
