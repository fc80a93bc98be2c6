"""How many processors there are, and keeping numpy to one: pictures run in parallel here, not
their arithmetic."""

import os

# Imported to be loaded: a limit holds only for libraries that are.
import numpy as np  # noqa: F401
from threadpoolctl import threadpool_limits


def one_blas_thread() -> None:
    """For the whole process, from now on; a program calls it once, when it starts.

    The classic model multiplies matrices so small that a second thread costs more than it brings,
    and several times as much when both cores have other pictures to work on.
    """
    threadpool_limits(limits=1, user_api="blas")


def usable_processors() -> int:
    """Inside a container fewer may be ours than the machine has; not every system can tell."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
