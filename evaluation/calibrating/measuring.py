"""How good probabilities are: Brier score, log loss, calibration error, and a table to look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.match_probability import Measured, Quality
from evaluation.calibrating.fitting import log_losses
from evaluation.calibrating.samples import Floats, Samples
from evaluation.intervals import Bootstrap

BINS = 10
"""Of equal width over 0 to 1, the last one closed."""


@dataclass(frozen=True)
class Bin:
    """Samples whose probability was said to be between `low` and `high`."""

    low: float
    high: float
    share: float
    """Of all samples by weight."""
    said: float
    """Mean probability."""
    seen: float
    """Frequency of matches."""
    seen_low: float
    seen_high: float
    """Bounds of it, over products."""
    products: int


def ece(samples: Samples, said: Floats) -> float:
    """Expected calibration error: sum over bins of share * |mean probability - frequency|
    (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, "On calibration of modern neural networks",
    equation 3), with samples counting by their weights."""
    return float(_ece(_bin_sums(samples, said).sum(axis=0)[np.newaxis])[0])


def quality(samples: Samples, said: Floats) -> Quality:
    """`said`: (samples,), by maps that were fitted without the sample's product.

    Intervals draw products with replacement. Of the calibration error, which cannot be negative,
    chance differences add up: its draws lie above it, and so the interval leans upward.
    """
    bootstrap = Bootstrap(samples.products)
    return Quality(
        brier=_mean(samples, (said - samples.matches) ** 2, bootstrap),
        log_loss=_mean(samples, log_losses(samples, said), bootstrap),
        ece=_measured(_bin_sums(samples, said), _ece, bootstrap),
    )


def reliability(samples: Samples, said: Floats) -> list[Bin]:
    """The bins that hold anything, from 0 up: said beside seen."""
    places = _bins(said)
    found = []
    for place in np.unique(places).tolist():
        some = samples.where(places == place)
        seen = _mean(some, some.matches.astype(np.float64), Bootstrap(some.products))
        found.append(
            Bin(
                low=place / BINS,
                high=(place + 1) / BINS,
                share=float(some.weights.sum() / samples.weights.sum()),
                said=float(np.average(said[places == place], weights=some.weights)),
                seen=seen.value,
                seen_low=seen.low,
                seen_high=seen.high,
                products=some.product_count,
            )
        )
    return found


def _bins(said: Floats) -> NDArray[np.int64]:
    return np.minimum((said * BINS).astype(np.int64), BINS - 1)


def _bin_sums(samples: Samples, said: Floats) -> Floats:
    """(samples, 2 * BINS): by bin, weight and weight * (probability - truth)."""
    sums = np.zeros((len(said), 2 * BINS))
    rows, places = np.arange(len(said)), _bins(said)
    sums[rows, places] = samples.weights
    sums[rows, BINS + places] = samples.weights * (said - samples.matches)
    return sums


def _ece(sums: Floats) -> Floats:
    """Sums (draws, 2 * BINS) -> (draws,)."""
    gaps: Floats = np.abs(sums[:, BINS:]).sum(axis=1) / sums[:, :BINS].sum(axis=1)
    return gaps


def _mean(samples: Samples, values: Floats, bootstrap: Bootstrap) -> Measured:
    sums = np.stack([samples.weights, samples.weights * values], axis=1)
    return _measured(sums, lambda drawn: drawn[:, 1] / drawn[:, 0], bootstrap)


def _measured(
    sums: Floats, statistic: Callable[[Floats], Floats], bootstrap: Bootstrap
) -> Measured:
    """A statistic of sums over samples (samples, columns), and its interval."""
    value = float(statistic(sums.sum(axis=0)[np.newaxis])[0])
    low, high = bootstrap.bounds(statistic(bootstrap.sums(sums)))
    return Measured(value=value, low=low, high=high)


def bin_lines(bins: Sequence[Bin]) -> list[tuple[str, ...]]:
    """The table as texts: probability, share, said, seen, its bounds, products."""
    return [
        (
            f"{each.low:.1f}–{each.high:.1f}",
            f"{100 * each.share:.1f}",
            f"{100 * each.said:.1f}",
            f"{100 * each.seen:.1f}",
            f"{100 * each.seen_low:.1f}–{100 * each.seen_high:.1f}",
            f"{each.products:,}",
        )
        for each in bins
    ]
