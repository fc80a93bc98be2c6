"""What was measured: spreads of repeated measurements, and figures with what was aimed at."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Spread:
    """Of repeated measurements of one thing, in one unit.

    `p99` is the least of them that at most one in a hundred exceeds (nearest rank): the greatest of
    fewer than a hundred.
    """

    p50: float
    p99: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Spread":
        """Raises ValueError when nothing was measured."""
        if not measured:
            raise ValueError("nothing was measured")
        ordered = sorted(measured)
        return cls(
            p50=statistics.median(ordered),
            p99=ordered[-(-99 * len(ordered) // 100) - 1],
            least=ordered[0],
            most=ordered[-1],
            count=len(ordered),
        )

    def told(self, unit: str) -> str:
        """For repeats of a whole measurement, of which a few are made: median and range."""
        return f"{self.p50:.3g} {unit} ({self.least:.3g} to {self.most:.3g}, {self.count} repeats)"

    def __str__(self) -> str:
        """For single answers in milliseconds, of which there are many."""
        return f"p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms, least {self.least:.1f} ms"


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, what was aimed at, and whether it was reached.

    `value`, `target` and `detail` are for people; `numbers` holds the same for programs, as plain
    JSON with units in the names.
    """

    name: str
    value: str
    target: str
    met: bool
    detail: str
    numbers: Mapping[str, object] = field(default_factory=dict)


def at_most(
    name: str, measured: float, bound: float, unit: str, detail: str, **numbers: object
) -> Figure:
    """A figure that is the better the smaller it is."""
    return _figure(name, measured, "<=", bound, unit, detail, numbers)


def at_least(
    name: str, measured: float, bound: float, unit: str, detail: str, **numbers: object
) -> Figure:
    """A figure that is the better the greater it is."""
    return _figure(name, measured, ">=", bound, unit, detail, numbers)


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call took, by the clock on the wall."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000.0


def _figure(
    name: str,
    measured: float,
    relation: str,
    bound: float,
    unit: str,
    detail: str,
    numbers: Mapping[str, object],
) -> Figure:
    return Figure(
        name=name,
        value=f"{measured:.3g} {unit}" if measured < 1000 else f"{measured:,.0f} {unit}",
        target=f"{relation} {bound:g} {unit}",
        met=measured <= bound if relation == "<=" else measured >= bound,
        detail=detail,
        numbers={"measured": measured, "relation": relation, "bound": bound, "unit": unit}
        | dict(numbers),
    )
