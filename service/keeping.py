"""The one thread that warms the service up, then keeps every collection current."""

import gc
import logging
import threading
from collections.abc import Callable

from catalog.errors import CatalogError
from retrieval.assembly import Engine

logger = logging.getLogger(__name__)

# Collections that other programs made, or whose model has been installed since, are opened this
# often rather than at their first query.
_OPEN_EVERY = 20


class Keeper:
    """Opens all collections, has them warmed up, then follows the changes.

    `is_ready` turns true after the first round, whatever troubles it met: what can be answered is.
    """

    def __init__(self, engine: Engine, warm_up: Callable[[], None], interval_s: float) -> None:
        self._engine = engine
        self._warm_up = warm_up
        self._interval_s = interval_s
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._unreachable: str | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    @property
    def unreachable(self) -> str | None:
        """Why the database could not be asked the last time, or None."""
        return self._unreachable

    def refresh(self) -> None:
        """Apply what has been committed until now; the next round would do it too.

        What was committed stays committed whatever happens here, so nothing is raised.
        """
        try:
            self._engine.follower.refresh()
            self._unreachable = None
        except CatalogError as error:
            self._note(error)

    def _run(self) -> None:
        self._open_all()
        self._warm_up()
        # What is here now stays: without it a full collection has little to go through, and no
        # query waits tens of milliseconds for one.
        gc.freeze()
        self._ready.set()
        rounds = 0
        while not self._stop.wait(self._interval_s):
            self.refresh()
            rounds += 1
            if rounds % _OPEN_EVERY == 0:
                self._open_all()

    def _open_all(self) -> None:
        try:
            self._engine.follower.open_all()
            self._unreachable = None
        except CatalogError as error:
            self._note(error)

    def _note(self, error: CatalogError) -> None:
        if self._unreachable != str(error):
            logger.error("the catalogue cannot be followed: %s", error)
        self._unreachable = str(error)
