"""The head of the model that is part of this program.

    python -m training.small.head NETWORK NAME CSV...

installs NAME: the network, the exact shades and the texture of a picture in one vector, mapped by
the within-class whitening that the CSVs teach. The recipe is not chosen here, as `likeness train`
would, but was chosen once, on pictures held out (docs/model.md): what is alike differs from source
to source. A CSV is named for the source it is a part of: luma.csv, grocery.csv, varied.csv.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from evaluation.relations import Relation
from evaluation.sources.opening import open_source
from evaluation.table import percent
from evaluation.tuning.printing import signed_bounds
from evaluation.watching import TerminalWatch, Watch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.linear.asking import answers, folds_of, joined_folds
from training.linear.head import head_of
from training.linear.learning import measured
from training.linear.material import FOLDS, Floats, Material, gathered
from training.linear.publishing import publish
from training.linear.recipes import Recipe
from training.linear.results import BASE, HEAD, Measured
from training.linear.sources import described
from training.linear.vectors import Blocks, mapped, unit

ASKED = {
    "luma": ("style", "product_id"),
    "grocery": ("product_id",),
    "varied": ("category",),
    "clothing": ("category",),
    "trial": ("product_id",),
}
"""Source -> the columns whose agreement is measured."""
ALIKE = {"luma": "style", "grocery": "product_id", "varied": "category", "trial": "product_id"}
"""Source -> the column in which pictures agree that are to be one. Of clothes it is not known: they
only say what pictures vary in."""
PARTS = ("shades", "texture")
RECIPE = Recipe(shares=(0.45, 0.35, 0.2), column="", shrinkage=0.3, dimension=512)
"""Of the network and the parts, in that order."""


def make_head(
    home: Home, network: str, name: str, catalogues: Sequence[Path], watch: Watch
) -> tuple[ModelCard, Measured]:
    """Installs the model; what it gains over the network is of folds that did not teach. Raises
    SourceInvalid, DataInvalid, ModelError."""
    opened = [
        open_source(each, queries=None, gallery=None, collection=None, home=home)
        for each in catalogues
    ]
    pictures, vectors = described(home, opened, network, PARTS, watch)
    asked = [[Relation.parse(column) for column in ASKED[each.stem]] for each in catalogues]
    material = gathered(list(zip(pictures, asked, strict=True)))
    labels = _classes(material)
    blocks = Blocks.of(list(vectors.values()))
    found = _measured(material, blocks, vectors[network], labels)
    everyone = np.ones(material.count, dtype=np.bool_)
    head = head_of(blocks, labels, RECIPE, everyone)
    shares = dict(zip(vectors, RECIPE.shares, strict=True))
    learnt = _provenance(material, labels, head, found)
    card = publish(home.store, name, network, shares, head, learnt, out=None, overwrite=True)
    return card, found


def _classes(material: Material) -> NDArray[np.int64]:
    """(n,): by each source's own column; no class spans two CSVs."""
    labels = np.full(material.count, -1, dtype=np.int64)
    first = 0
    for catalogue in material.catalogues:
        column = ALIKE.get(Path(catalogue.pictures.source).stem)
        if column is None:
            continue
        codes = catalogue.pictures.codes(column)
        labels[catalogue.rows] = np.where(codes < 0, -1, codes + first)
        first += int(codes.max(initial=-1)) + 1
    return labels


def _measured(
    material: Material, blocks: Blocks, alone: Floats, labels: NDArray[np.int64]
) -> Measured:
    fold = folds_of(material)
    joined = blocks.as_searched(RECIPE.shares)
    with_head = joined_folds(
        [
            answers(
                material,
                [mapped(head_of(blocks, labels, RECIPE, fold != each), joined)],
                fold,
                {each},
            )[0]
            for each in range(FOLDS)
        ]
    )
    as_it_is = answers(material, [unit(alone)], fold, range(FOLDS))[0]
    return measured({HEAD: with_head, BASE: as_it_is}, material.questions, material.units_asked)


def _provenance(
    material: Material, labels: NDArray[np.int64], head: LinearMap, found: Measured
) -> HeadLearnt:
    gain = found.gains[BASE]
    several = np.unique(labels[labels >= 0], return_counts=True)[1] > 1
    return HeadLearnt(
        method="whitening",
        settings={"shrinkage": RECIPE.shrinkage, "dimension": head.dimension},
        sources=material.sources,
        products=int(several.sum()),
        pictures=material.count,
        measure=tuple(f"R@1, {each}" for each in found.queries),
        units=found.units,
        found=found.mean[HEAD].mean,
        gain=gain.mean,
        gain_bounds=(gain.low, gain.high),
        learnt_at=datetime.now(UTC),
    )


if __name__ == "__main__":
    _, wanted, called, *files = sys.argv
    with Home(EngineSettings.read()) as opened_home:
        made, told = make_head(
            opened_home, wanted, called, [Path(each) for each in files], TerminalWatch()
        )
    gains = told.gains_by_question[BASE]
    for question, value in told.by_question[HEAD].items():
        print(f"{question}: R@1 {percent(value)}, gained {signed_bounds(gains[question])}")
    print(f"Installed as {made.name}: {made.dimension} dimensions.")
