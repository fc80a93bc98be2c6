"""What judgements gain: R@1 of products that nobody judged, after more and more of them."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.intervals import Interval
from evaluation.tuning.paired import JointBootstrap
from evaluation.watching import Watch
from training.adapters.oasis import met
from training.adapters.simulating import clicks
from training.adapters.state import CHOOSING, State
from training.linear.asking import Answers, answers, folds_of, joined_folds
from training.linear.material import FOLDS, Floats, Material
from training.linear.vectors import mapped

Point = tuple[int, Interval, Interval, tuple[float, ...]]
"""Judgements, R@1 in the mean over questions, its gain over none, and R@1 of each question."""


def curve(
    material: Material,
    vectors: Floats,
    column: str,
    counts: Sequence[int],
    *,
    watch: Watch,
    seed: int = 0,
) -> list[Point]:
    """For each of `counts`, rising from 0. Products are dealt into folds; each is asked with what
    judgements of the others taught, in the state that a shop would keep."""
    fold = folds_of(material, seed=seed)
    by_count: list[list[Answers]] = [[] for _ in counts]
    with watch.step("learn from judgements", FOLDS) as advance:
        for held_out in range(FOLDS):
            heads = _heads(material, vectors, fold != held_out, column, counts, seed + held_out)
            found = answers(material, heads, fold, {held_out})
            for all_, one in zip(by_count, found, strict=True):
                all_.append(one)
            advance(1)
    joined = [joined_folds(of_folds) for of_folds in by_count]
    bootstrap = JointBootstrap(material.units_asked, seed=seed)
    return [
        (
            count,
            bootstrap.mean(each),
            bootstrap.mean([one - none for one, none in zip(each, joined[0], strict=True)]),
            tuple(float(one.mean()) for one in each),
        )
        for count, each in zip(counts, joined, strict=True)
    ]


def _heads(
    material: Material,
    vectors: Floats,
    taught: NDArray[np.bool_],
    column: str,
    counts: Sequence[int],
    seed: int,
) -> list[Floats]:
    """Of each count, all vectors under the head."""
    judged = clicks(material, vectors, taught, column, max(counts), seed=seed)
    digests = np.stack([_digest(each) for each in judged])
    state = State.begun(vectors.shape[1])
    found: list[Floats] = []
    for before, count in zip([0, *counts], counts, strict=False):
        if count > before:
            state = state.after(vectors[judged[before:count]], digests[before:count])
        choosing = state.held_out[state.role == CHOOSING]
        if not len(choosing):
            found.append(vectors)
            continue
        learner = max(state.learners, key=lambda each: met(each.head(), choosing).mean())
        found.append(mapped(learner.head(), vectors))
    return found


def _digest(judgement: NDArray[np.int64]) -> NDArray[np.uint8]:
    """As of pictures: 8 bytes of the query, 24 of the whole."""
    query = hashlib.sha256(judgement[:1].tobytes()).digest()[:8]
    whole = hashlib.sha256(judgement.tobytes()).digest()[:24]
    return np.frombuffer(query + whole, dtype=np.uint8)
