"""Plots of a calibration as inline SVG, in the page's own colours."""

from collections.abc import Sequence

import numpy as np

from embedding.match_probability import ProbabilityMap
from evaluation.calibrating.measuring import Bin

_WIDTH, _HEIGHT = 320, 240
_LEFT, _RIGHT, _TOP, _BASE = 34, 308, 12, 202
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def reliability_diagram(bins: Sequence[Bin]) -> str:
    """A mark for each bin with its interval over products; larger marks hold more."""
    marks = "".join(
        f"<g><title>said {100 * each.said:.1f} %, matched {100 * each.seen:.1f} % "
        f"({100 * each.share:.1f} % of all)</title>"
        f'<line class="whisker" x1="{_x(each.said):.1f}" x2="{_x(each.said):.1f}" '
        f'y1="{_y(each.seen_low):.1f}" y2="{_y(each.seen_high):.1f}"/>'
        f'<circle cx="{_x(each.said):.1f}" cy="{_y(each.seen):.1f}" '
        f'r="{3 + 8 * np.sqrt(each.share):.1f}"/></g>'
        for each in bins
    )
    agree = f'<line class="axis" x1="{_x(0.0)}" y1="{_y(0.0)}" x2="{_x(1.0)}" y2="{_y(1.0)}"/>'
    labels = "".join(
        f'<text x="{_x(tick):.1f}" y="{_BASE + 15}" text-anchor="middle">{100 * tick:.0f}</text>'
        for tick in _TICKS
    )
    return _drawing("Said against seen, in percent", agree + labels + marks, "said, %")


def map_over_scores(probability: ProbabilityMap, low: float, high: float) -> str:
    """The map between two similarities, `low` below `high`."""
    inside = [each for each in probability.similarities if low < each < high]
    line = " ".join(
        f"{_LEFT + (each - low) / (high - low) * (_RIGHT - _LEFT):.1f},{_y(probability(each)):.1f}"
        for each in (low, *inside, high)
    )
    drawn = (
        f'<polyline class="whisker" fill="none" points="{line}"/>'
        f'<text x="{_LEFT}" y="{_BASE + 15}">{low:.3f}</text>'
        f'<text x="{_RIGHT}" y="{_BASE + 15}" text-anchor="end">{high:.3f}</text>'
    )
    return _drawing("Probability of a match over similarity", drawn, "similarity")


def _drawing(label: str, inside: str, below: str) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}"/>'
        f'<text x="{_LEFT - 5}" y="{_y(tick) + 4:.1f}" text-anchor="end">{100 * tick:.0f}</text>'
        for tick in _TICKS
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{grid}{inside}'
        f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{below}</text>'
        "</svg>"
    )


def _x(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BASE - share * (_BASE - _TOP)
