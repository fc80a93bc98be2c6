"""Numbers of repeated measurements, and the machine they were taken on."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Spread:
    """Of repeated measurements in milliseconds: median, 99th percentile, least, most."""

    p50: float
    p99: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Spread":
        ordered = sorted(milliseconds)
        return cls(
            p50=statistics.median(ordered),
            p99=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
            least=ordered[0],
            most=ordered[-1],
            count=len(ordered),
        )

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, least {self.least:.1f} ms"


@dataclass(frozen=True)
class Figure:
    """One line of the report; `target` says what was aimed at, `met` whether it was reached."""

    name: str
    value: str
    target: str
    met: bool
    detail: str


def milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000.0


def machine() -> dict[str, str]:
    """What the figures hold for."""
    names = ("faiss-cpu", "fastapi", "numpy", "openvino", "pillow", "sqlalchemy", "uvicorn")
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"process {pid} tells no resident memory")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
