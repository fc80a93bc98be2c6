"""Embedders in memory: loaded once, shared by all threads, the least used let go."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from embedding.calibration_files import Stamp
from embedding.card import ModelCard
from retrieval.batching import BatchingEmbedder


class LoadedModels:
    """At most `most` embedders at a time; whoever still holds one that was let go may go on.

    `card`, `stamp` and `load` are the model store's: the card is read anew at each call, so that a
    model that was replaced in the store is loaded again and never mistaken for the one before, and
    that a calibration is in force as soon as it is stored.
    """

    def __init__(
        self,
        card: Callable[[str], ModelCard],
        stamp: Callable[[str], Stamp],
        load: Callable[[str], BatchingEmbedder],
        *,
        most: int,
    ) -> None:
        self._card = card
        self._stamp = stamp
        self._load = load
        self._most = most
        self._loaded: OrderedDict[str, BatchingEmbedder] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def get(self, name: str) -> BatchingEmbedder:
        """The embedder of that name; the first call loads it. Raises ModelError."""
        fingerprint = self._card(name).fingerprint
        found = self._find(fingerprint)
        if found is not None:
            return found
        # One at a time: two first requests must not load, and hold, the same model twice.
        with self._loading:
            found = self._find(fingerprint)
            if found is None:
                found = self._load(name)
                with self._lock:
                    self._loaded[found.card.fingerprint] = found
                    while len(self._loaded) > self._most:
                        self._loaded.popitem(last=False)
            return found

    def calibrated(self, card: ModelCard) -> ModelCard:
        """The same card with the calibration that the store has now. Raises ModelError."""
        return card.calibrated(self._card(card.name).calibration)

    def stamp(self, name: str) -> Stamp:
        """Changes with the card that the store holds."""
        return self._stamp(name)

    def _find(self, fingerprint: str) -> BatchingEmbedder | None:
        with self._lock:
            found = self._loaded.get(fingerprint)
            if found is not None:
                self._loaded.move_to_end(fingerprint)
            return found
