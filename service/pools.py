"""Threads off the event loop, and the bounded wait before them."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_FETCHES_AT_ONCE = 16
_WRITES_AT_ONCE = 4
_UPLOADS_AT_ONCE = 4
# One that goes through a large catalogue leaves another to answer from memory.
_COUNTS_AT_ONCE = 2


class NotBegun(Exception):
    """Work that was given up before a thread was free for it; it left no trace."""


class Threads:
    """The threads of the service; one kind of work never waits for a thread of another."""

    def __init__(self) -> None:
        # More searches than processors only take turns: decoding and the model use them fully, and
        # eight threads on two spent 5 to 15 % more processor time on each search than two did.
        cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
        self.searching = Pool("search", max(2, cores or 1))
        self.fetching = Pool("fetch", _FETCHES_AT_ONCE)
        self.writing = Pool("write", _WRITES_AT_ONCE)
        self.uploading = Pool("upload", _UPLOADS_AT_ONCE)
        self.counting = Pool("count", _COUNTS_AT_ONCE)

    def close(self) -> None:
        for pool in (
            self.searching,
            self.fetching,
            self.writing,
            self.uploading,
            self.counting,
        ):
            pool.close()


class Pool:
    """`threads` threads with a line before them, first come first served."""

    def __init__(self, name: str, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.threads = threads
        self._in_hand = 0

    async def run(
        self,
        work: Callable[[], T],
        *,
        begin_within_s: float | None = None,
        unless: Callable[[], Awaitable[None]] | None = None,
    ) -> T:
        """What `work` gives. Once begun it is always waited for.

        `begin_within_s`: how long it may wait to be begun; `unless`: what makes it pointless, such
        as that the client went away, and is only waited for while no thread is free. Raises
        NotBegun when either comes first, or when the pool closes.
        """
        is_line = self._in_hand >= self.threads
        future = self._executor.submit(work)
        self._in_hand += 1
        try:
            if not is_line:
                return await asyncio.wrap_future(future)
            return await _waited_for(future, begin_within_s, unless)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and not (task and task.cancelling()):
                raise NotBegun from None
            raise
        finally:
            self._in_hand -= 1

    def run_in_each(self, work: Callable[[], None]) -> None:
        """`work` in every thread at once, done on return; for a pool that does nothing else yet.

        Raises what one of them raised.
        """
        all_there = threading.Barrier(self.threads)

        def together() -> None:
            # Whoever waits here is not given a second piece.
            all_there.wait()
            work()

        for future in [self._executor.submit(together) for _ in range(self.threads)]:
            future.result()

    def close(self) -> None:
        """Waits for what has begun; the rest is not begun any more."""
        self._executor.shutdown(wait=True, cancel_futures=True)


async def _waited_for(
    future: Future[T],
    begin_within_s: float | None,
    unless: Callable[[], Awaitable[None]] | None,
) -> T:
    """Cancelling has no effect on a future that a thread has taken up."""
    loop = asyncio.get_running_loop()
    timer = None if begin_within_s is None else loop.call_later(begin_within_s, future.cancel)
    pointless = None if unless is None else asyncio.ensure_future(unless())
    if pointless is not None:
        pointless.add_done_callback(lambda done: done.cancelled() or future.cancel())
    try:
        return await asyncio.wrap_future(future)
    finally:
        if timer is not None:
            timer.cancel()
        if pointless is not None:
            pointless.cancel()
