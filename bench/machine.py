"""What the figures hold for: processor, memory, versions, and how busy the machine was."""

import os
import platform
import resource
from importlib.metadata import version
from pathlib import Path

# Instructions that multiply a network's speed where a processor has them.
TELLING_FLAGS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "avx512_bf16",
    "amx_int8",
    "amx_bf16",
)
PACKAGES = (
    "faiss-cpu", "fastapi", "nncf", "numpy", "openvino", "pillow", "sqlalchemy", "torch", "uvicorn",
)  # fmt: skip


def machine() -> dict[str, str]:
    """Plain texts, in the order a reader asks for them."""
    return {
        "processor": _of_cpuinfo("model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "flags": " ".join(f for f in TELLING_FLAGS if f in _of_cpuinfo("flags").split()) or "none",
        "memory": f"{_memory_bytes() / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


class Disturbance:
    """How much of the processors went to others since this was made: other programs, and the host
    of a virtual machine. Programs that this one started count as its own once they have ended."""

    def __init__(self) -> None:
        self._busy, self._all = _jiffies()
        self._own = _own_seconds()

    def percent(self) -> float:
        """Of all processor time since, 0 to 100; much of it makes the figures doubtful."""
        busy, everything = _jiffies()
        own = (_own_seconds() - self._own) * os.sysconf("SC_CLK_TCK")
        return max(0.0, 100 * (busy - self._busy - own) / max(1, everything - self._all))


def resident_mb(pid: int) -> dict[str, float]:
    """Resident memory of a process in megabytes (10^6 bytes).

    `total` is `anonymous` (its own) + `file` (mapped files, which the system may drop and read
    again) + `shared`.
    """
    names = {"VmRSS": "total", "RssAnon": "anonymous", "RssFile": "file", "RssShmem": "shared"}
    told: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in names:
            told[names[name]] = int(rest.split()[0]) * 1024 / 1e6
    return told


def cpu_seconds(pid: int) -> float:
    """Processor time a process has taken so far, all its threads together."""
    # The program's name, in brackets, may hold blanks; user and system time are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _jiffies() -> tuple[int, int]:
    """Of all processors since the machine started: not idle, and altogether."""
    first = Path("/proc/stat").read_text().partition("\n")[0]
    # user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
    spent = [int(each) for each in first.split()[1:9]]
    return sum(spent) - spent[3] - spent[4], sum(spent)


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _of_cpuinfo(field: str) -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return platform.processor()


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
