"""A small memory of recent answers."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class RecentValues(Generic[Key, Value]):
    """The last values by key, the least recently used forgotten first; thread-safe.

    Together they cost `most` at most, each `cost(value)`, 1 unless told. A value belongs to a
    version; one of another version is made again and takes its place.
    Two threads that miss the same key at once both make the value; the later one is kept.
    """

    def __init__(self, most: int, cost: Callable[[Value], int] = lambda _: 1) -> None:
        self._most = most
        self._cost = cost
        self._held = 0
        self._values: OrderedDict[Key, tuple[Hashable, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value], version: Hashable = None) -> Value:
        with self._lock:
            found = self._values.get(key)
            if found is not None and found[0] == version:
                self._values.move_to_end(key)
                return found[1]
        value = make()
        with self._lock:
            self._forget(key)
            self._values[key] = version, value
            self._held += self._cost(value)
            while self._held > self._most:
                self._forget(next(iter(self._values)))
        return value

    def _forget(self, key: Key) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._held -= self._cost(found[1])
