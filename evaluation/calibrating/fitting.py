"""Which map fits best: cross-validated over products, never over pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedding.match_probability import Method, ProbabilityMap
from evaluation.calibrating.isotonic import fit_isotonic
from evaluation.calibrating.platt import fit_platt
from evaluation.calibrating.samples import Floats, Samples

Wish = Literal["auto", "isotonic", "platt"]

FITS: Mapping[Method, Callable[[Samples], ProbabilityMap]] = {
    "isotonic": fit_isotonic,
    "platt": fit_platt,
}


@dataclass(frozen=True)
class Fit:
    """A map of all products, and what maps of other products say of each sample.

    `held_out`: probabilities (samples,), each by the map that was fitted without its product.
    `losses`: cross-validated log loss of every method that was tried.
    """

    probability: ProbabilityMap
    method: Method
    held_out: Floats
    losses: Mapping[Method, float]


def fit(samples: Samples, *, wish: Wish, folds: int) -> Fit:
    """The map of the method that is wished for, or of the one with the least held-out log loss."""
    methods: Sequence[Method] = tuple(FITS) if wish == "auto" else (wish,)
    held_out = {method: _held_out(samples, method, folds) for method in methods}
    losses = {method: log_loss(samples, said) for method, said in held_out.items()}
    method = min(methods, key=losses.__getitem__)
    return Fit(FITS[method](samples), method, held_out[method], losses)


def splits(samples: Samples, folds: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(fitted to, held out), each (samples,): every product is held out once, with all it has.

    A pair of two products belongs to the one that was asked with. Deterministic.
    """
    _, product = np.unique(samples.products, return_inverse=True)
    shuffled = np.random.default_rng(0).permutation(product.max() + 1)
    fold = shuffled[product] % folds
    for each in range(folds):
        yield fold != each, fold == each


def apply(probability: ProbabilityMap, similarities: Floats) -> Floats:
    """The map at many places."""
    return np.interp(similarities, probability.similarities, probability.probabilities)


def log_loss(samples: Samples, said: Floats) -> float:
    """Weighted mean of -log of the probability given to what is true."""
    return float(np.average(log_losses(samples, said), weights=samples.weights))


def log_losses(samples: Samples, said: Floats) -> Floats:
    """(samples,)."""
    return -np.log(np.where(samples.matches, said, 1.0 - said))


def _held_out(samples: Samples, method: Method, folds: int) -> Floats:
    said = np.empty(len(samples.similarities))
    for fitted, held in splits(samples, folds):
        probability = FITS[method](samples.where(fitted))
        said[held] = apply(probability, samples.similarities[held])
    return said
