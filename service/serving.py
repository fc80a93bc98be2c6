"""One process that listens, answers, and has a worker beside it."""

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from rich.console import Console

from catalog.collections import Collections
from catalog.keys import ApiKeys
from retrieval.errors import SettingsInvalid
from retrieval.home import Home
from service.app import create_app
from service.settings import ServiceSettings
from service.workers import WorkerProcess

_BACKLOG = 2048
_KEEP_ALIVE_S = 20
_GRACE_S = 10
_LOOPBACK = ("127.", "::1", "localhost")


def run(settings: ServiceSettings) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM).

    Raises SettingsInvalid when the port is taken or the address is not one of this machine, and
    whatever opening the home raises.
    """
    _log_to_stderr()
    with _listening(settings) as listener, Home(settings) as home:
        _check_home(settings, home)
        server = _Server(settings, home, _address(settings, listener))
        server.run(sockets=[listener])
        if not server.started:
            sys.exit(1)


class _Server(uvicorn.Server):
    """Tells where it is once it can be reached, and has a worker for as long as it serves."""

    def __init__(self, settings: ServiceSettings, home: Home, address: str) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(settings, home),
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
        self._home = home
        self._address = address
        self._worker: WorkerProcess | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        _greet(self._settings, self._home, self._address)
        if self._settings.worker:
            self._worker = WorkerProcess()
            self._worker.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._worker is not None:
            self._worker.stop()
        await super().shutdown(sockets)


@contextmanager
def _listening(settings: ServiceSettings) -> Iterator[socket.socket]:
    """Bound before anything is opened: a port that is taken is told at once."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server(
            (settings.host, settings.port), family=family, backlog=_BACKLOG
        )
    except OSError as error:
        raise SettingsInvalid(
            f"Cannot listen on {settings.host} port {settings.port} ({_reason(error)}). "
            "Stop what is listening there, or choose another with --port (0 picks a free one) or "
            "--host."
        ) from error
    with listener:
        yield listener


def _reason(error: OSError) -> str:
    # Python adds the address to the system's words, which we have named already.
    words = error.strerror or str(error)
    return words.partition(" (while")[0]


def _address(settings: ServiceSettings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"


def _check_home(settings: ServiceSettings, home: Home) -> None:
    """What keeps the service from starting is said in a sentence, not in a server's traceback."""
    home.ensure_collection(settings.collection)
    with home.database.read() as connection:
        has_keys = ApiKeys(connection).any_active()
    if settings.require_api_key and not has_keys:
        _say(
            "[yellow]warning:[/yellow] keys are required and there is none yet; make one with "
            "`likeness keys create NAME`."
        )
    if not settings.require_api_key and not settings.host.startswith(_LOOPBACK):
        _say(
            f"[yellow]warning:[/yellow] everybody who can reach {settings.host} may search, change "
            "and delete, and start jobs. Make keys with `likeness keys "
            "create NAME` and set LIKENESS_REQUIRE_API_KEY=true."
        )


def _greet(settings: ServiceSettings, home: Home, address: str) -> None:
    with home.database.read() as connection:
        held = [
            f"{collection.name} ({counts[0]:,} products, {counts[1]:,} pictures, "
            f"{collection.model_name})"
            for collection in Collections(connection).all()
            for counts in [Collections(connection).counts(collection.id)]
        ]
    _say(f"Likeness serves {', '.join(held)}")
    _say(f"at {address}, with the API to try at {address}/docs. Ctrl-C stops it. Search with:")
    key = '-H "Authorization: Bearer $KEY" ' if settings.require_api_key else ""
    _say(f"  curl {key}-F image=@PICTURE {address}/v1/search")


def _say(text: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(text)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
