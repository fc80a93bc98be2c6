"""The section of the page about shorter vectors."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from evaluation.quality.section import Section, Table, percent
from evaluation.tuning.paired import JointBootstrap
from training.adapters.reducing import by_fold
from training.adapters.reductions import SHRINKAGE, from_matched_pairs, matched_pairs, principal
from training.linear.asking import answers, folds_of
from training.linear.material import FOLDS, Floats, Material
from training.linear.vectors import unit
from training.quality.material import Training, only

_DIMENSIONS = (32, 64, 128, 256, 512)


def reductions(training: Training) -> Section:
    """Shorter vectors, with labels and without."""
    name, vectors = training.joined
    material = training.material
    fold = folds_of(material)
    bootstrap = JointBootstrap(material.units_asked)

    with training.setting.watch.step("reduce", len(_DIMENSIONS)) as advance:
        whole = bootstrap.mean(answers(material, [unit(vectors)], fold, range(FOLDS))[0])
        rows = [["all", percent(whole), ""]]
        for dimension in _DIMENSIONS:
            maps = (
                partial(_by_components, vectors, dimension),
                partial(_by_pairs, material, vectors, dimension),
            )
            shown = [by_fold(material, vectors, fold, teach) for teach in maps]
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


def _by_components(vectors: Floats, dimension: int, taught: NDArray[np.bool_]) -> LinearMap:
    return principal(vectors[taught], dimension)


def _by_pairs(
    material: Material, vectors: Floats, dimension: int, taught: NDArray[np.bool_]
) -> LinearMap:
    pairs = matched_pairs(np.where(taught, material.classes["style"], -1))
    return from_matched_pairs(vectors, pairs, dimension, shrinkage=SHRINKAGE)
