"""Bodies of requests, bounded before they are read: each, all together, and in time."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import BodyTooLarge, BodyTooSlow, ServiceBusy
from service.settings import ServiceSettings

STREAMED = "/v1/products/bulk"
"""The one path whose body is worked off while it arrives, and so may be of any length."""


class BodyLimits:
    """ASGI middleware: what is read of a body counts, and counts as held until the answer is out.

    Its refusals are raised where the body is read, so that whoever may not call at all is told
    that first, and a client that waits for `100 Continue` never sends the body.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._max_bytes = settings.request_max_bytes
        self._max_held = settings.uploads_max_bytes
        self._timeout_s = settings.upload_timeout_s
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == STREAMED:
            await self._app(scope, receive, send)
            return
        stated = _content_length(scope)
        received = 0
        deadline: float | None = None

        async def counted() -> Message:
            nonlocal received, deadline
            if stated > self._max_bytes or received > self._max_bytes:
                raise self._too_large()
            # Started with the first read: waiting for an earlier request's answer is not slowness.
            deadline = deadline or asyncio.get_running_loop().time() + self._timeout_s
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                raise BodyTooSlow(
                    f"The body did not arrive within {self._timeout_s:g} s. Send it again over a "
                    "faster connection, or send a smaller picture."
                ) from error
            size = len(message.get("body", b""))
            received += size
            self._held += size
            if received > self._max_bytes:
                raise self._too_large()
            if self._held > self._max_held:
                raise ServiceBusy(
                    "Too many uploads are being received at once. Try again in a second."
                )
            if message["type"] == "http.request" and not message.get("more_body", False):
                # From here on `receive` waits for the client to go away, for as long as it takes.
                deadline = asyncio.get_running_loop().time() + _FOREVER_S
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._held -= received

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(
            f"The body has more than the {self._max_bytes:,} bytes that are accepted. Send fewer "
            "or smaller pictures at once."
        )


_FOREVER_S = 10.0 * 365 * 86_400


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
