"""Uvicorn, with a greeting and a worker beside it."""

import socket

import uvicorn

from catalog.collections import Collections
from retrieval.home import Home
from service.app import create_app
from service.keeping import Keeper
from service.saying import say
from service.settings import ServiceSettings
from service.workers import WorkerProcess

_KEEP_ALIVE_S = 20
_GRACE_S = 10


class Server(uvicorn.Server):
    """Tells where it is once it can be reached, and has a worker for as long as it serves."""

    def __init__(self, settings: ServiceSettings, keeper: Keeper, address: str) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(settings, keeper),
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._settings = settings
        self._keeper = keeper
        self._address = address
        self._worker: WorkerProcess | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        _greet(self._settings, self._keeper.engine.home, self._address)
        if self._settings.worker:
            self._worker = WorkerProcess(begin=self._keeper.ready)
            self._worker.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._worker is not None:
            self._worker.stop()
        await super().shutdown(sockets)


def _greet(settings: ServiceSettings, home: Home, address: str) -> None:
    with home.database.read() as connection:
        held = [
            f"{collection.name} ({counts[0]:,} products, {counts[1]:,} pictures, "
            f"{collection.model_name})"
            for collection in Collections(connection).all()
            for counts in [Collections(connection).counts(collection.id)]
        ]
    say(f"Likeness serves {', '.join(held)}")
    say(f"at {address}: open it in a browser; {address}/docs has the API to try.")
    say("Ctrl-C stops it. From a terminal:")
    key = '-H "Authorization: Bearer $KEY" ' if settings.require_api_key else ""
    say(f"  curl {key}-F image=@PICTURE {address}/v1/search")
