"""How long each stage of an answer takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Milliseconds by stage; a stage entered again adds up."""

    took_ms: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            took = (time.perf_counter() - start) * 1000.0
            self.took_ms[name] = self.took_ms.get(name, 0.0) + took

    def total(self) -> dict[str, float]:
        total = (time.perf_counter() - self._started) * 1000.0
        return {name: round(took, 3) for name, took in {**self.took_ms, "total": total}.items()}
