"""The one thread that warms the service up, then keeps every collection current."""

import io
import logging
import threading

from PIL import Image

from catalog.errors import CatalogError
from retrieval.assembly import Engine
from retrieval.queries import PictureQuery
from service.errors import EXPECTED

logger = logging.getLogger(__name__)

# Collections that other programs made, or whose model has been installed since, are opened this
# often rather than at their first query.
_OPEN_EVERY = 20


class Keeper:
    """Opens all collections, embeds one picture with each, then follows the changes.

    `is_ready` turns true after the first round, whatever troubles it met: what can be answered is.
    """

    def __init__(self, engine: Engine, interval_s: float) -> None:
        self._engine = engine
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

    def _warm_up(self) -> None:
        """The first search compiles statements and loads codecs; no client should wait for it."""
        picture = PictureQuery(_plain_picture())
        for served in self._engine.follower.open_collections():
            try:
                self._engine.searching.search(served.name, [picture], limit=1)
            except EXPECTED as error:
                logger.error("collection %r could not be warmed up: %s", served.name, error)

    def _note(self, error: CatalogError) -> None:
        if self._unreachable != str(error):
            logger.error("the catalogue cannot be followed: %s", error)
        self._unreachable = str(error)


def _plain_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(file, "JPEG")
    return file.getvalue()
