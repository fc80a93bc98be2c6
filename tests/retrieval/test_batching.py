"""Runs of the model that callers share: the same vectors, and each caller's own errors."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from embedding.classic.embedder import ClassicEmbedder
from embedding.embedder import Prepared
from embedding.images import decode
from retrieval.batching import MAX_BATCH, BatchingEmbedder
from tests.pictures import jpeg
from tests.service.running import wait_until

CALLERS = 32


class HeldEmbedder(ClassicEmbedder):
    """The classic model, whose runs wait until they may begin; it notes their sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[int] = []
        self.has_begun = threading.Event()
        self.may_run = threading.Event()

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        self.runs.append(len(inputs))
        self.has_begun.set()
        assert self.may_run.wait(20)
        return super().embed_prepared(inputs)


class Caller(threading.Thread):
    def __init__(self, embedder: BatchingEmbedder, inputs: Sequence[Prepared]) -> None:
        super().__init__()
        self._embedder = embedder
        self._inputs = inputs
        self.vectors: NDArray[np.float32] | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.vectors = self._embedder.embed_prepared(self._inputs)
        except Exception as error:
            self.error = error


@pytest.fixture
def held() -> HeldEmbedder:
    return HeldEmbedder()


@pytest.fixture
def shared(held: HeldEmbedder) -> BatchingEmbedder:
    return BatchingEmbedder(held)


def inputs(held: HeldEmbedder, count: int) -> list[Prepared]:
    return [held.prepare(decode(jpeg(number)).image) for number in range(count)]


def all_waiting(
    held: HeldEmbedder, shared: BatchingEmbedder, asked: Sequence[Sequence[Prepared]]
) -> list[Caller]:
    """Callers of which the first is being embedded and all others wait, in the order given."""
    callers = [Caller(shared, asked[0])]
    assert held.has_begun.wait(20)
    for place, each in enumerate(asked[1:], start=1):
        callers.append(Caller(shared, each))
        wait_until(lambda place=place: len(shared._waiting) == place)
    return callers


def test_a_lone_caller_has_a_run_of_its_own(held: HeldEmbedder, shared: BatchingEmbedder) -> None:
    held.may_run.set()

    vectors = shared.embed_prepared(inputs(held, 1))

    assert held.runs == [1]
    np.testing.assert_array_equal(vectors, ClassicEmbedder().embed_prepared(inputs(held, 1)))


def test_those_who_wait_share_runs_and_get_the_vectors_they_would_get_alone(
    held: HeldEmbedder, shared: BatchingEmbedder
) -> None:
    pictures = inputs(held, CALLERS)

    callers = all_waiting(held, shared, [[each] for each in pictures])
    held.may_run.set()
    for caller in callers:
        caller.join()

    assert held.runs == [1, MAX_BATCH, CALLERS - 1 - MAX_BATCH]
    alone = ClassicEmbedder()
    for caller, picture in zip(callers, pictures, strict=True):
        np.testing.assert_array_equal(caller.vectors, alone.embed_prepared([picture]))


def test_several_pictures_of_one_caller_stay_together(
    held: HeldEmbedder, shared: BatchingEmbedder
) -> None:
    pictures = inputs(held, 4)

    callers = all_waiting(held, shared, [pictures[:1], pictures[1:], pictures * 4, pictures[2:]])
    held.may_run.set()
    for caller in callers:
        caller.join()

    # Sixteen beside three would pass the limit; nobody overtakes.
    assert held.runs == [1, 3, 16, 2]
    alone = ClassicEmbedder()
    np.testing.assert_array_equal(callers[2].vectors, alone.embed_prepared(pictures * 4))


def test_an_error_reaches_only_the_caller_whose_inputs_it_is_about(
    held: HeldEmbedder, shared: BatchingEmbedder
) -> None:
    good = inputs(held, 3)
    wrong = np.zeros((7, 7, 3), dtype=np.uint8)

    callers = all_waiting(held, shared, [[good[0]], [good[1]], [wrong], [good[2]]])
    held.may_run.set()
    for caller in callers:
        caller.join()

    assert [caller.error is None for caller in callers] == [True, True, False, True]
    alone = ClassicEmbedder()
    for caller, picture in zip([callers[0], callers[1], callers[3]], good, strict=True):
        np.testing.assert_array_equal(caller.vectors, alone.embed_prepared([picture]))
