"""A pool of threads that nobody has to wait for."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class DaemonPool:
    """Like ThreadPoolExecutor, but its threads never hold up the end of the program.

    A download that hangs for its whole time-out must not keep a cancelled job alive.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closed = False
        self._count = threads
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def submit(self, work: Callable[..., _Result], *arguments: Any) -> "Future[_Result]":
        """`work(*arguments)` when its turn comes; errors wait in the future."""
        future: Future[_Result] = Future()

        def task() -> None:
            if self._closed or not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(*arguments))
            except BaseException as error:
                future.set_exception(error)

        self._tasks.put(task)
        return future

    def close(self) -> None:
        """Nothing more is begun; threads end when they are through with what they are at."""
        self._closed = True
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
