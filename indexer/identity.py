"""Who is at work on a job, and whether that process still lives."""

import os
import secrets
import socket
from pathlib import Path


def own_identity() -> str:
    """A name for a worker of this process: host/namespace:pid:start-token; unique each time."""
    pid = os.getpid()
    return f"{_host()}:{pid}:{_started(pid)}-{secrets.token_hex(3)}"


def is_gone(worker: str) -> bool:
    """Whether that worker is known to be dead: its process was here and has ended.

    False for workers on other machines or in other containers, of whom only silence can tell.
    """
    host, _, rest = worker.partition(":")
    pid, _, token = rest.partition(":")
    if host != _host() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # it lives, under another user
    # The number may have been given to another process since.
    return _started(int(pid)) != token.partition("-")[0]


def _host() -> str:
    """This machine, as far as process numbers are shared: containers count for themselves."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        namespace = "0"
    return f"{socket.gethostname().replace(':', '_')[:150]}/{namespace}"


def _started(pid: int) -> str:
    """When the process began, in ticks since the machine did; "0" where that cannot be known."""
    try:
        # The name of the program, in parentheses, may hold anything; the rest is numbers.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "gone" if fields[0] == "Z" else fields[19]
    except (OSError, IndexError):
        return "0"
