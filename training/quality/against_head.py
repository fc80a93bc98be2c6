"""What a fine-tuned network adds to a linear head, on products that neither has seen.

Network and head learn from the same products; everything else of the two is alike: the same
pictures, questions and search, the same exact shades beside the network, as much as pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Positions, Relation
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.joining import chosen_of
from training.data.material import deal, open_sources
from training.errors import DataInvalid
from training.linear.asking import answers
from training.linear.learning import learn, measured
from training.linear.material import Floats, Material, gathered
from training.linear.results import Measured
from training.linear.vectors import mapped, unit
from training.settings import TrainingSettings

AS_IS, HEAD, TUNED, BOTH = (
    "as it is", "with a linear head", "fine-tuned", "fine-tuned, with a linear head",
)  # fmt: skip
_TAUGHT, _ASKED = 0, 1
_MOST = 0.9

Questions = Sequence[tuple[PictureSet, Sequence[Relation]]]


@dataclass(frozen=True)
class Compared:
    """`measured`: of the four contestants, and what BOTH gains over each other one, by queries of
    products or styles that taught nothing. `taught`: pictures that did. `directions`: in how many
    the held-out pictures' vectors have nine tenths of their scatter, as they are and fine-tuned:
    what a head has left to choose from."""

    measured: Measured
    taught: int
    directions: tuple[int, int]


@dataclass(frozen=True)
class Sides:
    """content sha-256 of what a training learnt from or was stopped by, and of what it kept aside
    to its end; what it left out is in neither."""

    taught: frozenset[str]
    held_out: frozenset[str]


def sides_of(home: Home, settings: TrainingSettings) -> Sides:
    """Of a training with these settings. Raises SourceInvalid, DataInvalid."""
    opened = open_sources(home, settings.sources, settings.collection)
    dealt = deal(opened, settings.data, seed=settings.seed)
    pictures = dealt.joined.pictures.pictures

    def contents(*parts: Positions) -> frozenset[str]:
        return frozenset(pictures[place].content_sha256 for part in parts for place in part)

    parts = dealt.parts
    return Sides(contents(parts.training, parts.validation), contents(parts.held_out))


def compare(
    questions: Questions,
    sides: Sides,
    network: Floats,
    tuned: Floats,
    shades: Floats,
    *,
    threads: int,
    watch: Watch,
) -> Compared:
    """`network`, `tuned`, `shades`: float32 (n, d) unit vectors of all pictures of all questions,
    in order. The queries are those held out; they look among all pictures of their catalogue. What
    the training left out of a product or style that was held out teaches no head either.

    Raises DataInvalid when a question has no query that was held out, or when of a product or style
    that was held out some pictures taught the network.
    """
    material = gathered(questions)
    aside = _aside(material, sides)
    taught = gathered(_taught(questions, aside))
    candidates: dict[str, Floats] = {AS_IS: network, TUNED: tuned}
    for name, vectors in ((HEAD, network), (BOTH, tuned)):
        blocks = {"network": vectors, "shades": shades}
        learnt = learn(
            taught,
            {block: each[~aside] for block, each in blocks.items()},
            threads=threads,
            watch=watch,
        )
        joined = np.concatenate(
            [np.float32(share**0.5) * blocks[block] for block, share in learnt.shares.items()],
            axis=1,
        )
        candidates[name] = mapped(learnt.head, joined)
    fold = np.where(aside, _ASKED, _TAUGHT)
    found = answers(material, [unit(each) for each in candidates.values()], fold, {_ASKED})
    asked = [~np.isnan(each) for each in found[0]]
    for question, some in zip(material.questions, asked, strict=True):
        if not some.any():
            raise DataInvalid(f"{question}: no query was held out. Hold out more products.")
    measured_ = measured(
        {
            name: tuple(each[some] for each, some in zip(values, asked, strict=True))
            for name, values in zip(candidates, found, strict=True)
        },
        material.questions,
        [each[some] for each, some in zip(material.units_asked, asked, strict=True)],
        leader=BOTH,
    )
    directions = (_directions(network[aside]), _directions(tuned[aside]))
    return Compared(measured_, taught=int((~aside).sum()), directions=directions)


def _directions(vectors: Floats) -> int:
    """(n, d) -> how many principal components hold 90 % of the scatter."""
    scatter = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    return int(np.searchsorted(np.cumsum(scatter), _MOST * scatter.sum()) + 1)


def _aside(material: Material, sides: Sides) -> NDArray[np.bool_]:
    """(n,): the pictures of whatever was held out."""
    contents = [
        picture.content_sha256
        for catalogue in material.catalogues
        for picture in catalogue.pictures.pictures
    ]
    held_out = material.units[[each in sides.held_out for each in contents]]
    taught = material.units[[each in sides.taught for each in contents]]
    if both := len(np.intersect1d(held_out, taught)):
        columns = " and ".join(material.split_by)
        raise DataInvalid(
            f"{both:,} of what must stay together ({columns}) lie on both sides: the network has "
            f"learnt from siblings of what would be asked for. Train it with data.split_by set to "
            f"the coarser column, and compare that."
        )
    return np.isin(material.units, held_out)


def _taught(questions: Questions, aside: NDArray[np.bool_]) -> Questions:
    """The same questions, of the pictures that were not kept aside."""
    left: list[tuple[PictureSet, Sequence[Relation]]] = []
    start = 0
    for pictures, relations in questions:
        stop = start + len(pictures.pictures)
        left.append((chosen_of(pictures, np.flatnonzero(~aside[start:stop])), relations))
        start = stop
    return left
