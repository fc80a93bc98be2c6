"""Asking a running job to stop, from a signal, another process or a lost claim."""

import threading
from typing import Literal

Reason = Literal["cancelled", "interrupted", "queued", "lost"]


class Stopped(Exception):
    """A job stops because it was asked to; nothing that was committed is lost.

    `reason` becomes its status: "cancelled" by somebody, "interrupted" by hand, "queued" for the
    next worker; "lost" when another worker has already taken it over.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Stop:
    """Whether to stop; asked often, requested from any thread or signal handler.

    One with a `parent` stops when that one does as well: a worker's ends its job, but the end of a
    job does not end its worker.
    """

    def __init__(self, parent: "Stop | None" = None) -> None:
        self._parent = parent
        self._reason: Reason | None = None
        self._requested = threading.Event()

    @property
    def reason(self) -> Reason | None:
        """Why; the first reason counts. None when nobody asked."""
        return self._reason or (None if self._parent is None else self._parent.reason)

    @property
    def is_requested(self) -> bool:
        return self.reason is not None

    def request(self, reason: Reason) -> None:
        self._reason = self._reason or reason
        self._requested.set()

    def check(self) -> None:
        """Raises Stopped."""
        reason = self.reason
        if reason is not None:
            raise Stopped(reason)

    def wait(self, timeout_s: float) -> bool:
        """Sleep, but no longer than until this one is requested; whether it is."""
        return self._requested.wait(timeout_s)
