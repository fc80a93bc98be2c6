"""The worker beside the service: a process of its own, started again when it dies."""

import logging
import os
import subprocess
import sys
import threading
import time

logger = logging.getLogger(__name__)

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
# A worker that ran this long was not killed by its own start.
_SETTLED_S = 60.0
_MOST_RESTARTS = 8
_STOP_S = 10.0
_NOTICE_STOP_S = 0.1


class WorkerProcess:
    """Keeps one worker running until stopped; gives up after it died too often in a row.

    It is started once `begin` is set: a worker's start takes a processor for a second or two, which
    the service has better use for until it is ready.
    """

    def __init__(self, begin: threading.Event, command: tuple[str, ...] | None = None) -> None:
        self._begin = begin
        self._command = command or _ending_with_this_process()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="worker-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The worker finishes its batch; its job goes on where it stopped, next time."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_STOP_S)

    @property
    def ended_with(self) -> int | None:
        """The last worker's exit status; None while it runs, or before the first."""
        return None if self._process is None else self._process.poll()

    def _run(self) -> None:
        deaths = 0
        while not self._begin.wait(_NOTICE_STOP_S):
            if self._stopping.is_set():
                return
        while not self._stopping.is_set():
            started = time.monotonic()
            status = self._run_once()
            if self._stopping.is_set():
                return
            deaths = 1 if time.monotonic() - started > _SETTLED_S else deaths + 1
            if deaths > _MOST_RESTARTS:
                logger.error(
                    "The worker died %d times in a row and is not started again: jobs wait until "
                    "`likeness worker` is run.",
                    deaths,
                )
                return
            wait_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (deaths - 1))
            logger.error("The worker ended (%d); starting it again in %.0f s.", status, wait_s)
            self._stopping.wait(wait_s)

    def _run_once(self) -> int:
        # The server's standard input is not the worker's business; its output goes beside ours.
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        if self._stopping.is_set():
            self._process.terminate()
        return self._process.wait()


def _ending_with_this_process() -> tuple[str, ...]:
    return (
        # -P: a folder named `likeness` where we were started must not pass for the program.
        *(sys.executable, "-P", "-m", "likeness"),
        *("worker", "--exit-with-parent", str(os.getpid())),
    )
