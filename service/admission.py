"""How much is worked on at once: bounded admission, and what those turned away are told."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import ServiceBusy

# Of the mean time a request is held, the share of the newest one.
_NEWEST = 0.1


class Admission:
    """Counts the requests of one kind that are being worked on; only used on the event loop."""

    def __init__(self, what: str, limit: int) -> None:
        self._what = what
        self._limit = limit
        self._held_s = 0.0
        self.admitted = 0
        self.rejected = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises ServiceBusy when the limit is reached."""
        self.check()
        self.admitted += 1
        admitted_at = time.monotonic()
        try:
            yield
            self._held_s += _NEWEST * (time.monotonic() - admitted_at - self._held_s)
        finally:
            self.admitted -= 1

    def check(self) -> None:
        """Raises ServiceBusy where `one` would: for before a body is parsed that nobody looks at.

        A refusal then costs a fifth less.
        """
        if self.admitted >= self._limit:
            raise self.refusal(
                f"{self._limit} {self._what} are being worked on, and no more are admitted."
            )

    def refusal(self, reason: str) -> ServiceBusy:
        """Counts one that is turned away; the error to raise, which says when to come back.

        By Little's law those that are admitted now will be through in about as long as each of
        the last ones was held, waiting included.
        """
        self.rejected += 1
        seconds = max(1, math.ceil(self._held_s))
        return ServiceBusy(f"{reason} Try again in {seconds} s.", retry_after_s=seconds)
