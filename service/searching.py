"""What searches and comparisons share: admission, a bounded wait, and a client that may leave."""

from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from service.pools import NotBegun
from service.state import ServiceState

T = TypeVar("T")


async def worked_off(work: Callable[[], T], request: Request, state: ServiceState) -> T:
    """`work` in a thread for searches; its request has been admitted and its body read.

    Raises ServiceBusy when no thread was free in time, ClientDisconnect when the client went away
    before one was: then the model is not run for nobody.
    """
    has_left = False

    async def client_leaves() -> None:
        nonlocal has_left
        while (await request.receive())["type"] != "http.disconnect":
            pass
        has_left = True

    limit_ms = state.settings.queue_wait_max_ms
    try:
        return await state.threads.searching.run(
            work, begin_within_s=limit_ms / 1000.0, unless=client_leaves
        )
    except NotBegun:
        if has_left:
            raise ClientDisconnect from None
        raise state.searches.refusal(
            f"This search waited {limit_ms:g} ms and could not be begun."
        ) from None
