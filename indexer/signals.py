"""Ctrl-C and SIGTERM as a polite request; a second one is an order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from indexer.stopping import Reason, Stop


@contextmanager
def stopped_by_signals(stop: Stop, reason: Reason) -> Iterator[None]:
    """While the block runs, a signal asks `stop`; a second one raises KeyboardInterrupt.

    For the main thread of a program only.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        del number, frame
        if stop.is_requested:
            raise KeyboardInterrupt
        stop.request(reason)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
