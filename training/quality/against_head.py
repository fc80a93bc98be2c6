"""What a fine-tuned network adds to a linear head, on products that neither has seen.

Network and head learn from the same products; everything else of the two is alike: the same
pictures, questions and search, the same exact shades beside the network, as much as pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.joining import chosen_of, join
from training.data.material import open_sources
from training.data.splitting import split
from training.errors import DataInvalid
from training.linear.asking import answers
from training.linear.learning import learn, measured
from training.linear.material import Floats, gathered
from training.linear.results import Measured
from training.linear.vectors import mapped, unit
from training.settings import TrainingSettings

AS_IS, HEAD, TUNED, BOTH = (
    "as it is", "with a linear head", "fine-tuned", "fine-tuned, with a linear head",
)  # fmt: skip
_TAUGHT, _ASKED = 0, 1

Questions = Sequence[tuple[PictureSet, Sequence[Relation]]]


@dataclass(frozen=True)
class Compared:
    """`measured`: of the four contestants, and what BOTH gains over each other one, by queries of
    products or styles that taught nothing. `taught`: pictures that did."""

    measured: Measured
    taught: int


def held_out_of(home: Home, settings: TrainingSettings) -> frozenset[str]:
    """content sha-256 of what a training with these settings keeps aside to its end.

    Raises SourceInvalid, DataInvalid.
    """
    opened = open_sources(home, settings.sources, settings.collection)
    pictures = join(opened, label=settings.data.label, split_by=settings.data.split_by).pictures
    parts = split(
        pictures,
        validation=settings.data.validation,
        held_out=settings.data.held_out,
        seed=settings.seed,
    )
    return frozenset(pictures.pictures[place].content_sha256 for place in parts.held_out)


def compare(
    questions: Questions,
    held_out: frozenset[str],
    network: Floats,
    tuned: Floats,
    shades: Floats,
    *,
    threads: int,
    watch: Watch,
) -> Compared:
    """`network`, `tuned`, `shades`: float32 (n, d) unit vectors of all pictures of all questions,
    in order. The queries are those held out; they look among all pictures of their catalogue.

    Raises DataInvalid when a question has no query that was held out.
    """
    material = gathered(questions)
    pictures = [each for some, _ in questions for each in some.pictures]
    aside = np.array([each.content_sha256 in held_out for each in pictures])
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
    return Compared(measured_, taught=int((~aside).sum()))


def _taught(questions: Questions, aside: NDArray[np.bool_]) -> Questions:
    """The same questions, of the pictures that were not kept aside."""
    left: list[tuple[PictureSet, Sequence[Relation]]] = []
    start = 0
    for pictures, relations in questions:
        stop = start + len(pictures.pictures)
        left.append((chosen_of(pictures, np.flatnonzero(~aside[start:stop])), relations))
        start = stop
    return left
