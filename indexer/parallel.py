"""Mapping over batches on threads, in order, only so far ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def in_order(
    batches: Iterable[Sequence[_In]],
    work: Callable[[_In], _Out],
    *,
    threads: int,
    ahead: int,
) -> Iterator[list[_Out]]:
    """`work` on every element, batch by batch; `ahead` batches are begun before one is needed."""
    pool = ThreadPoolExecutor(threads, "parallel")
    begun: deque[list[Future[_Out]]] = deque()
    try:
        for batch in batches:
            begun.append([pool.submit(work, element) for element in batch])
            if len(begun) > ahead:
                yield [future.result() for future in begun.popleft()]
        while begun:
            yield [future.result() for future in begun.popleft()]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
