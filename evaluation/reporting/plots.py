"""Plots as inline SVG: their colours are the page's own, so that they follow light and dark."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

_BINS = 48
# The least distance between two marks, in the units of the drawing: a bit below their diameter.
_MARK = 16.0


@dataclass(frozen=True)
class Point:
    """A contender's place in a plot of quality against cost; `label` is shown in it."""

    label: str
    name: str
    cost: float
    mean: float
    low: float
    high: float


def histogram(relevant: NDArray[np.float32], others: NDArray[np.float32]) -> str:
    """How scores of relevant pictures lie beside those of others, each scaled to its own peak."""
    width, height, base = 320, 130, 108
    finite = np.concatenate([relevant[np.isfinite(relevant)], others[np.isfinite(others)]])
    low, high = float(finite.min()), float(finite.max())
    edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
    shapes = "".join(
        f'<path class="{name}" d="{_steps(np.histogram(scores, edges)[0], width, base)}"/>'
        for name, scores in (("others", others), ("relevant", relevant))
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        'aria-label="Scores of relevant pictures and of others">'
        f'{shapes}<line class="axis" x1="0" y1="{base}" x2="{width}" y2="{base}"/>'
        f'<text x="0" y="{height - 6}">{_number(low)}</text>'
        f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">score</text>'
        f'<text x="{width}" y="{height - 6}" text-anchor="end">{_number(high)}</text></svg>'
    )


def quality_against_cost(points: Sequence[Point], *, quality: str, cost: str) -> str:
    """Mean and interval of a measure (0 to 1) over a cost above 0, on a logarithmic scale."""
    width, height = 320, 220
    left, right, top, base = 38, width - 14, 12, height - 38
    step = _step(min(each.low for each in points), max(each.high for each in points))
    lowest = step * math.floor(min(each.low for each in points) / step)
    highest = max(step * math.ceil(max(each.high for each in points) / step), lowest + step)
    cheapest, dearest = _decades([each.cost for each in points])

    def x(value: float) -> float:
        share = math.log10(value / cheapest) / math.log10(dearest / cheapest)
        return left + 14 + share * (right - left - 28)

    def y(value: float) -> float:
        return base - (value - lowest) / (highest - lowest) * (base - top)

    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(quality)} against {escape(cost)}">'
        + _grid(np.arange(lowest, highest + step / 2, step), y, left, right)
        + "".join(
            f'<text x="{x(tick):.1f}" y="{base + 15}" text-anchor="middle">{_number(tick)}</text>'
            for tick in _ticks(cheapest, dearest)
        )
        + f'<text x="{(left + right) / 2}" y="{height - 6}" text-anchor="middle">'
        f"{escape(cost)}</text>"
        + "".join(_mark(each, place, y) for each, place in _apart(points, x, y))
        + "</svg>"
    )


def _apart(
    points: Sequence[Point], x: Callable[[float], float], y: Callable[[float], float]
) -> list[tuple[Point, float]]:
    """Each point and where it is drawn across: beside those that it would hide."""
    placed: list[tuple[Point, float]] = []
    for point in points:
        across = x(point.cost)
        while any(
            math.hypot(across - other, y(point.mean) - y(before.mean)) < _MARK
            for before, other in placed
        ):
            across -= _MARK
        placed.append((point, across))
    return placed


def _steps(counts: NDArray[np.int64], width: int, base: int) -> str:
    """The outline of a histogram as a closed path."""
    tops = base - counts / max(int(counts.max()), 1) * (base - 6)
    step = width / len(counts)
    outline = "".join(f"V{top:.1f}H{(place + 1) * step:.1f}" for place, top in enumerate(tops))
    return f"M0 {base}{outline}V{base}Z"


def _step(low: float, high: float) -> float:
    """Between lines of the grid, so that there are at most six steps."""
    return next(each for each in (0.02, 0.05, 0.1, 0.2) if high - low <= 5 * each)


def _grid(ticks: NDArray[np.float64], y: Callable[[float], float], left: int, right: int) -> str:
    return "".join(
        f'<line class="grid" x1="{left}" x2="{right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        f'<text x="{left - 5}" y="{y(tick) + 4:.1f}" text-anchor="end">{100 * tick:.0f}</text>'
        for tick in ticks.tolist()
    )


def _mark(point: Point, x: float, y: Callable[[float], float]) -> str:
    return (
        f"<g><title>{escape(point.name)}: {100 * point.mean:.1f} %</title>"
        f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" '
        f'y1="{y(point.low):.1f}" y2="{y(point.high):.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{y(point.mean):.1f}" r="9"/>'
        f'<text class="mark" x="{x:.1f}" y="{y(point.mean) + 4:.1f}" text-anchor="middle">'
        f"{escape(point.label)}</text></g>"
    )


def _decades(costs: Sequence[float]) -> tuple[float, float]:
    """Bounds of a logarithmic axis: the costs themselves, at least a factor of two apart."""
    cheapest, dearest = min(costs), max(costs)
    if dearest < 2 * cheapest:
        middle = math.sqrt(cheapest * dearest)
        return middle / math.sqrt(2), middle * math.sqrt(2)
    return cheapest, dearest


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between the bounds, thinned until they fit."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1,)):
        ticks = [each * 10.0**power for power in powers for each in factors]
        ticks = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if 2 <= len(ticks) <= 6:
            return ticks
    return [low, high]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
