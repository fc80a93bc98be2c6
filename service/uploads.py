"""Bodies of requests, bounded before they are read: each, all together, and in time."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import BodyTooLarge, BodyTooSlow, ServiceBusy
from service.forms import MULTIPART
from service.settings import ServiceSettings

STREAMED = "/v1/products/bulk"
"""The one path whose body is worked off while it arrives, and so may be of any length."""

JOBS = "/v1/jobs"
"""The one path where a form goes to disk while it arrives, and so has a limit of its own."""


class BodyLimits:
    """ASGI middleware: what is read of a body counts, and counts as held until the answer is out.

    Its refusals are raised where the body is read, so that whoever may not call at all is told
    that first, and a client that waits for `100 Continue` never sends the body.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._max_bytes = settings.request_max_bytes
        self._max_held = settings.uploads_max_bytes
        self._max_to_disk = settings.job_upload_max_bytes
        self._timeout_s = settings.upload_timeout_s
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == STREAMED:
            await self._app(scope, receive, send)
            return
        if _goes_to_disk(scope):
            await self._app(scope, self._to_disk(scope, receive), send)
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

    def _to_disk(self, scope: Scope, receive: Receive) -> Receive:
        """Of an upload for a job, a piece at a time is in memory: what counts is all of it, and
        that it goes on arriving."""
        stated = _content_length(scope)
        received = 0
        is_whole = False

        async def counted() -> Message:
            nonlocal received, is_whole
            if is_whole:
                return await receive()
            if stated > self._max_to_disk:
                raise self._too_large_for_disk()
            try:
                async with asyncio.timeout(self._timeout_s):
                    message = await receive()
            except TimeoutError as error:
                raise BodyTooSlow(
                    f"Nothing of the upload arrived for {self._timeout_s:g} s. Send it again over "
                    "a steadier connection, or in parts. Nothing was kept."
                ) from error
            received += len(message.get("body", b""))
            if received > self._max_to_disk:
                raise self._too_large_for_disk()
            is_whole = not message.get("more_body", False)
            return message

        return counted

    def _too_large_for_disk(self) -> BodyTooLarge:
        return BodyTooLarge(
            f"The upload has more than the {self._max_to_disk:,} bytes that are accepted. Send it "
            "in parts, or have whoever runs the service raise LIKENESS_JOB_UPLOAD_MAX_BYTES, or "
            "index the files where they are with `likeness index`. Nothing was kept."
        )

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(
            f"The body has more than the {self._max_bytes:,} bytes that are accepted. Send fewer "
            "or smaller pictures at once."
        )


_FOREVER_S = 10.0 * 365 * 86_400


def _goes_to_disk(scope: Scope) -> bool:
    # The first of several counts, as it does where the body is read.
    kinds = (value for name, value in scope["headers"] if name == b"content-type")
    kind = next(kinds, b"").partition(b";")[0].strip().lower()
    return bool(scope["path"] == JOBS and kind == MULTIPART.encode())


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
