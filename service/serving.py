"""One process that listens, opens its home, and answers."""

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.keys import ApiKeys
from retrieval.assembly import assemble
from retrieval.errors import SettingsInvalid
from retrieval.home import Home
from service.keeping import Keeper
from service.saying import say
from service.settings import ServiceSettings

_BACKLOG = 2048
_LOOPBACK = ("127.", "::1", "localhost")


def run(settings: ServiceSettings) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM).

    Raises SettingsInvalid when the port is taken or the address is not one of this machine, and
    whatever opening the home raises.
    """
    _log_to_stderr()
    with _listening(settings) as listener, Home(settings) as home:
        _check_home(settings, home)
        with Keeper(assemble(home), settings.follow_interval_s) as keeper:
            # A second of imports, while the keeper reads models and indexes.
            from service.server import Server

            server = Server(settings, keeper, _address(settings, listener))
            server.run(sockets=[listener])
        if not server.started:
            sys.exit(1)


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
        say(
            "[yellow]warning:[/yellow] keys are required and there is none yet; make one with "
            "`likeness keys create NAME`."
        )
    if not settings.require_api_key and not settings.host.startswith(_LOOPBACK):
        say(
            f"[yellow]warning:[/yellow] everybody who can reach {settings.host} may search, change "
            "and delete, and start jobs. Make keys with `likeness keys "
            "create NAME` and set LIKENESS_REQUIRE_API_KEY=true."
        )


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
