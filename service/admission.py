"""How much is worked on at once, and where: bounded admission, and threads off the event loop."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from service.errors import ServiceBusy

T = TypeVar("T")

_FETCHES_AT_ONCE = 16
_WRITES_AT_ONCE = 4


class Admission:
    """Counts the requests of one kind that are being worked on; only used on the event loop."""

    def __init__(self, what: str, limit: int) -> None:
        self._what = what
        self._limit = limit
        self.admitted = 0
        self.rejected = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises ServiceBusy when the limit is reached."""
        if self.admitted >= self._limit:
            self.rejected += 1
            raise ServiceBusy(
                f"{self._limit} {self._what} are being worked on, and no more are admitted. Try "
                "again in a second."
            )
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1


class Threads:
    """The threads of the service; one kind of work never waits for a thread of another."""

    def __init__(self) -> None:
        # More searches than processors would only take memory: decoding is what costs.
        cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
        self.searching = _Pool("search", max(2, cores or 1))
        self.fetching = _Pool("fetch", _FETCHES_AT_ONCE)
        self.writing = _Pool("write", _WRITES_AT_ONCE)

    def close(self) -> None:
        for pool in (self.searching, self.fetching, self.writing):
            pool.close()


class _Pool:
    def __init__(self, name: str, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
