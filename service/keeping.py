"""The one thread that opens every collection, has it warmed up, then keeps it current."""

import gc
import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from catalog.errors import CatalogError
from retrieval.assembly import Engine

logger = logging.getLogger(__name__)

# Collections that other programs made, or whose model has been installed since, are opened this
# often rather than at their first query.
_OPEN_EVERY = 20


class Keeper:
    """Opens all collections, has them warmed up once it is told how, then follows the changes.

    A context: it is at work inside. Opening is begun before the web framework is imported, and goes
    on beside that. `ready` is set after the first round, whatever troubles it met: what can
    be answered is.
    Nothing that goes wrong ends the thread: a service that no longer follows would answer on as
    if all were well.
    """

    def __init__(self, engine: Engine, interval_s: float) -> None:
        self.engine = engine
        self._interval_s = interval_s
        self._warm_up: Callable[[], None] | None = None
        self._told = threading.Event()
        self.ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._failure: str | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def follow(self, warm_up: Callable[[], None]) -> None:
        """Called once, when requests can be answered: warm up, and follow from then on."""
        self._warm_up = warm_up
        self._told.set()

    def stop(self) -> None:
        """Returns when the thread has ended; nothing it works with is needed any more."""
        self._stop.set()
        self._told.set()
        self._thread.join()

    @property
    def failure(self) -> str | None:
        """Why the catalogue could not be followed the last time, or None."""
        return self._failure

    def refresh(self) -> None:
        """Apply what has been committed until now; the next round would do it too.

        What was committed stays committed whatever happens here, so nothing is raised.
        """
        self._attempt(self.engine.follower.refresh)

    def _run(self) -> None:
        self._attempt(self.engine.follower.open_all)
        self._told.wait()
        if self._warm_up is None:
            return
        self._attempt(self._warm_up)
        # What is here now stays: without it a full collection has little to go through, and no
        # query waits tens of milliseconds for one.
        gc.freeze()
        self.ready.set()
        rounds = 0
        while not self._stop.wait(self._interval_s):
            self.refresh()
            rounds += 1
            if rounds % _OPEN_EVERY == 0:
                self._attempt(self.engine.follower.open_all)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
            self._failure = None
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            if self._failure != failure:
                # Of what nobody foresaw, whoever mends it needs the place as well.
                unforeseen = None if isinstance(error, CatalogError) else error
                logger.error(
                    "the collections cannot be kept current: %s", error, exc_info=unforeseen
                )
            self._failure = failure
