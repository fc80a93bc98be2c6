"""OpenMP's threads, for one call of FAISS at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

import faiss


@contextmanager
def one_openmp_thread() -> Iterator[None]:
    """FAISS divides queries, not one query's work, so one query gains nothing from a second."""
    before = faiss.omp_get_max_threads()
    # OpenMP keeps this number per calling thread: other threads' searches are not affected.
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
