"""Micro-batching: queries that arrive while the model is busy share its next run."""

import threading
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.card import ModelCard
from embedding.embedder import Embedder, Prepared

MAX_BATCH = 16


class _Waiting:
    """One caller's inputs, and in time their vectors or what went wrong."""

    def __init__(self, inputs: Sequence[Prepared]) -> None:
        self.inputs = inputs
        self.vectors: NDArray[np.float32] | None = None
        self.error: Exception | None = None

    @property
    def is_answered(self) -> bool:
        return self.vectors is not None or self.error is not None


class BatchingEmbedder(Embedder):
    """An embedder whose concurrent callers share runs of the model (flat combining).

    Every caller queues its inputs and then takes the model's lock; whoever gets it embeds, first
    come first served, for all that wait. So a lone caller pays no hand-over and waits for nobody,
    and callers that meet a busy model leave together with the next run. How many may wait is for
    whoever admits callers to bound.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._waiting: deque[_Waiting] = deque()
        self._model = threading.Lock()

    @property
    def card(self) -> ModelCard:
        return self._embedder.card

    @property
    def target_side(self) -> int:
        return self._embedder.target_side

    def prepare(self, image: Image.Image) -> Prepared:
        return self._embedder.prepare(image)

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        """See `Embedder.embed_prepared`; what others asked for at the same time fails by itself."""
        mine = _Waiting(inputs)
        self._waiting.append(mine)
        with self._model:
            while not mine.is_answered:
                self._run(self._next_batch())
        if mine.error is not None:
            raise mine.error
        assert mine.vectors is not None
        return mine.vectors

    def _next_batch(self) -> list[_Waiting]:
        """The longest waiting callers, up to MAX_BATCH inputs, but one caller at least."""
        batch = [self._waiting.popleft()]
        size = len(batch[0].inputs)
        while self._waiting and size + len(self._waiting[0].inputs) <= MAX_BATCH:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].inputs)
        return batch

    def _run(self, batch: Sequence[_Waiting]) -> None:
        try:
            vectors = self._embedder.embed_prepared([i for each in batch for i in each.inputs])
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
            else:
                # Whose inputs were at fault is not known: each alone, and only they will tell.
                for each in batch:
                    self._run([each])
            return
        start = 0
        for each in batch:
            each.vectors = vectors[start : start + len(each.inputs)]
            start += len(each.inputs)
