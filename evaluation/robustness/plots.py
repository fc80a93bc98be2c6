"""Lines of a measure over the strengths of a transform, one line a model, as inline SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from evaluation.intervals import Interval

COLOURS = 8
"""Lines of different colours; more models begin again with dashes."""

_WIDTH, _HEIGHT = 320, 190
_LEFT, _RIGHT, _TOP, _BASE = 34, 306, 10, 160

STYLE = """
:root { --line-0: #2f5fd0; --line-1: #c4501b; --line-2: #0b7a4b; --line-3: #8a3fb0;
  --line-4: #b0852a; --line-5: #0e8793; --line-6: #c03667; --line-7: #5b6670; }
@media (prefers-color-scheme: dark) { :root { --line-0: #8fb0ff; --line-1: #f08a54;
  --line-2: #46c98b; --line-3: #c99aec; --line-4: #e2bd6b; --line-5: #56c7d3;
  --line-6: #f48bb0; --line-7: #a3acb5; } }
svg polyline { fill: none; stroke-width: 2; }
svg .dot { stroke: none; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .85rem; }
.legend svg { display: inline-block; width: 1.6rem; height: .6rem; }
.strip { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 1rem; }
.strip figure { width: 7rem; }
.strip img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #fff;
  border: 1px solid var(--line); border-radius: 6px; }
""" + "".join(
    f"svg .line-{number} {{ stroke: var(--line-{number}); }} "
    f"svg .line-{number}.dot {{ fill: var(--line-{number}); }}\n"
    for number in range(COLOURS)
)


@dataclass(frozen=True)
class Line:
    """A model's values at each strength, 0 to 1, in their order; at least one."""

    name: str
    number: int
    values: Sequence[Interval]


def score_against_strength(lines: Sequence[Line], strengths: Sequence[str], measure: str) -> str:
    """Strengths stand at equal distances, the mildest on the left; whiskers are intervals."""
    lowest = _floor(min(value.low for line in lines for value in line.values))
    step = (_RIGHT - _LEFT) / len(strengths)

    def x(place: int) -> float:
        return _LEFT + step * (place + 0.5)

    def y(value: float) -> float:
        return _BASE - (value - lowest) / (1.0 - lowest) * (_BASE - _TOP)

    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        f'<text x="{_LEFT - 5}" y="{y(tick) + 4:.1f}" text-anchor="end">{100 * tick:.0f}</text>'
        for tick in (lowest, (lowest + 1.0) / 2.0, 1.0)
    )
    names = "".join(
        f'<text x="{x(place):.1f}" y="{_BASE + 17}" text-anchor="middle">{escape(name)}</text>'
        for place, name in enumerate(strengths)
    )
    drawn = "".join(_drawn(line, x, y) for line in lines)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(measure)} by '
        f'strength">{grid}{names}{drawn}</svg>'
    )


def legend(names: Sequence[str]) -> str:
    """Which line is whose; `names` in the order of their numbers."""
    keys = "".join(
        f'<span><svg viewBox="0 0 32 12"><line class="{_class(number)}"{_dashes(number)} '
        f'stroke-width="4" x1="0" x2="32" y1="6" y2="6"/></svg> {escape(name)}</span>'
        for number, name in enumerate(names)
    )
    return f'<div class="legend">{keys}</div>'


def _drawn(line: Line, x: Callable[[int], float], y: Callable[[float], float]) -> str:
    name, kind = escape(line.name), _class(line.number)
    points = " ".join(
        f"{x(place):.1f},{y(value.mean):.1f}" for place, value in enumerate(line.values)
    )
    marks = "".join(
        f'<line class="{kind}" x1="{x(place):.1f}" x2="{x(place):.1f}" y1="{y(value.low):.1f}" '
        f'y2="{y(value.high):.1f}"/><circle class="{kind} dot" cx="{x(place):.1f}" '
        f'cy="{y(value.mean):.1f}" r="3.5"/>'
        for place, value in enumerate(line.values)
    )
    return (
        f'<g><title>{name}</title><polyline class="{kind}"{_dashes(line.number)} '
        f'points="{points}"/>{marks}</g>'
    )


def _floor(low: float) -> float:
    """The lower end of the axis: a multiple of 20 percent, so that plots resemble each other."""
    return max(0.0, min(0.8, math.floor(low / 0.2) * 0.2))


def _class(number: int) -> str:
    return f"line-{number % COLOURS}"


def _dashes(number: int) -> str:
    return f' stroke-dasharray="{2 + 3 * (number // COLOURS)} 3"' if number >= COLOURS else ""
