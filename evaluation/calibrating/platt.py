"""Platt scaling: a sigmoid of the score, two numbers that few examples suffice for."""

from math import exp, log

import numpy as np

from embedding.match_probability import ProbabilityMap
from evaluation.calibrating.samples import Floats, Samples

_KNOTS = 33
_MOST_STEPS = 100
_SMALLEST_STEP = 1e-10
_RIDGE = 1e-12
_FLAT = 1e-6


def sigmoid(slope: float, offset: float, scores: Floats) -> Floats:
    """1 / (1 + exp(-(slope * score + offset))), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * (slope * scores + offset)))


def platt_parameters(scores: Floats, targets: Floats, weights: Floats) -> tuple[float, float]:
    """(slope, offset) of the sigmoid with the least weighted cross-entropy, the slope not below 0.

    Newton's method with backtracking, as Lin, Lin & Weng 2007, "A note on Platt's probabilistic
    outputs for support vector machines", sets out; on scores brought to mean 0 and deviation 1,
    since cosines of one model may lie within a hundredth.
    """
    weights = weights / weights.sum()
    centre = float(weights @ scores)
    spread = float(np.sqrt(weights @ (scores - centre) ** 2))
    prior = float(weights @ targets)
    offset = log(prior / (1.0 - prior))
    if spread == 0.0:
        return 0.0, offset
    slope, standard = 0.0, (scores - centre) / spread
    loss = _cross_entropy(slope, offset, standard, targets, weights)
    for _ in range(_MOST_STEPS):
        probabilities = sigmoid(slope, offset, standard)
        errors = weights * (probabilities - targets)
        gradient = np.array([errors @ standard, errors.sum()])
        if np.abs(gradient).max() < 1e-9:
            break
        curvature = weights * probabilities * (1.0 - probabilities)
        mixed = curvature @ standard
        hessian = np.array([[curvature @ standard**2, mixed], [mixed, curvature.sum()]])
        direction = np.linalg.solve(hessian + _RIDGE * np.eye(2), gradient)
        step = 1.0
        while step > _SMALLEST_STEP:
            nearer = slope - step * direction[0], offset - step * direction[1]
            tried = _cross_entropy(*nearer, standard, targets, weights)
            if tried < loss - 1e-4 * step * float(gradient @ direction):
                (slope, offset), loss = nearer, tried
                break
            step /= 2.0
        else:
            break
    if slope <= 0.0:
        # Higher scores for what does not match: all that is known is how often anything does.
        return 0.0, log(prior / (1.0 - prior))
    return slope / spread, offset - slope * centre / spread


def fit_platt(samples: Samples) -> ProbabilityMap:
    """The sigmoid as a table between the least and the greatest probability it may claim."""
    targets = samples.smoothed_targets()
    slope, offset = platt_parameters(samples.similarities, targets, samples.weights)
    bounds = samples.bounds()
    if slope < _FLAT:
        constant = float(np.clip(1.0 / (1.0 + exp(-offset)), *bounds))
        return ProbabilityMap(similarities=(0.5,), probabilities=(constant,))
    ends = [(log(each / (1.0 - each)) - offset) / slope for each in bounds]
    low, high = (min(1.0, max(0.0, each)) for each in ends)
    if high - low < _FLAT:
        # All scores there can be lie on one side of the sigmoid.
        low, high = 0.0, 1.0
    similarities = np.round(np.linspace(low, high, _KNOTS), 9).astype(np.float64)
    probabilities = np.clip(sigmoid(slope, offset, similarities), *bounds)
    return ProbabilityMap(
        similarities=tuple(similarities.tolist()), probabilities=tuple(probabilities.tolist())
    )


def _cross_entropy(
    slope: float, offset: float, scores: Floats, targets: Floats, weights: Floats
) -> float:
    exponents = slope * scores + offset
    return float(weights @ (np.logaddexp(0.0, exponents) - targets * exponents))
