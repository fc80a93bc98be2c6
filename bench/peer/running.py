"""The peer as a process that waits between orders, so that measurements can take turns."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_RUNNER = Path(__file__).with_name("runner.py")


class Peer:
    """One model of the peer, loaded and waiting."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._log = log
        with log.open("w") as said:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )

    def indexing_rate(self, files: Sequence[Path]) -> float:
        """Pictures a second into a new index."""
        answer = self._ask("index", files=[str(path.resolve()) for path in files])
        if answer["indexed"] != len(files):
            raise RuntimeError(f"the peer indexed {answer['indexed']} of {len(files)} pictures")
        return len(files) / float(answer["seconds"])

    def fill(self, count: int) -> int:
        """Brings its index to `count` vectors; their dimension."""
        return int(self._ask("fill", count=count)["dimension"])

    def query_ms(self, files: Sequence[Path]) -> list[float]:
        """Milliseconds of one search a file."""
        answer = self._ask("query", files=[str(path.resolve()) for path in files])
        return [float(each) for each in answer["milliseconds"]]

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _ask(self, order: str, **arguments: object) -> dict[str, Any]:
        """Raises RuntimeError, with the last it said, when the peer has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": order, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; its log says why
        line = self._process.stdout.readline()
        if not line:
            said = self._log.read_text().strip().splitlines()[-3:]
            raise RuntimeError(f"the peer ended: {' / '.join(said)}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(python: Path | None, timm_name: str) -> Iterator[Peer | None]:
    """The peer with a timm backbone of random weights until the block ends; None without one."""
    if python is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="likeness-bench-peer-") as folder:
        command = [str(python), str(_RUNNER), timm_name, folder]
        peer = Peer(command, Path(folder) / "log")
        try:
            yield peer
        finally:
            peer.close()
