"""The lines of a body as they arrive: numbered, bounded, handed on in batches."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request

from service.errors import BodyTooLarge, BodyTooSlow, ServiceError

_BATCH_LINES = 32
_BATCH_BYTES = 16_777_216


@dataclass(frozen=True)
class RawLine:
    """A line that is not empty, or why it could not be taken; `number` counts from 1."""

    number: int
    content: bytes
    error: ServiceError | None = None


class LineBuffer:
    """Between who reads lines and who works them off in batches, never holding much.

    A batch is what has arrived while the one before was worked on, so slow senders get their
    results line by line, and fast ones share transactions.
    """

    def __init__(self) -> None:
        self._lines: deque[RawLine] = deque()
        self._bytes = 0
        self._ended = False
        self._changed = asyncio.Condition()

    async def fill(self, lines: AsyncIterator[RawLine]) -> None:
        """Until the lines end; waits while a whole batch is waiting already."""
        try:
            async for line in lines:
                async with self._changed:
                    await self._changed.wait_for(lambda: not self._is_full())
                    self._lines.append(line)
                    self._bytes += len(line.content)
                    self._changed.notify_all()
        finally:
            async with self._changed:
                self._ended = True
                self._changed.notify_all()

    async def batch(self) -> list[RawLine]:
        """What waits, in order; empty when the lines have ended."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._lines) or self._ended)
            batch = list(self._lines)
            self._lines.clear()
            self._bytes = 0
            self._changed.notify_all()
            return batch

    def _is_full(self) -> bool:
        return len(self._lines) >= _BATCH_LINES or self._bytes >= _BATCH_BYTES


async def body_lines(request: Request, *, longest: int, timeout_s: float) -> AsyncIterator[RawLine]:
    """The lines of the body that are not empty.

    One of more than `longest` bytes is passed over and told as BodyTooLarge; when nothing arrives
    for `timeout_s`, BodyTooSlow is the last line. Raises ClientDisconnect.
    """
    rest = bytearray()
    number = 0
    stream = request.stream()
    too_long = False
    while True:
        try:
            async with asyncio.timeout(timeout_s):
                chunk = await anext(stream, b"")
        except TimeoutError:
            yield RawLine(number + 1, b"", BodyTooSlow(_STALLED.format(timeout_s)))
            return
        *ends, last = chunk.split(b"\n") if chunk else [b"", b""]
        for end in ends:
            number += 1
            rest += end
            if too_long or len(rest) > longest:
                yield RawLine(number, b"", BodyTooLarge(_TOO_LONG.format(longest)))
            elif rest.strip():
                yield RawLine(number, bytes(rest))
            rest.clear()
            too_long = False
        if not chunk:
            return
        rest += last
        if len(rest) > longest:
            too_long = True
            rest.clear()


_STALLED = "Nothing arrived for {:g} s, so the stream ends here. Send this line and the rest again."
_TOO_LONG = (
    "The line has more than {:,} bytes. Send fewer or smaller pictures in it, or give their "
    "addresses in image_urls."
)
