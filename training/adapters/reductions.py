"""Shorter vectors: principal components of a catalogue, and reduction learnt on matched pairs."""

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from training.linear.whitening import Labels, Spectrum, discriminative

Floats = NDArray[np.float32]
SHRINKAGE = 0.3
"""Of the scatter of matched pairs, as measured in docs/training-quality.md."""
_MOST_OF_A_CLASS = 60

Pairs = NDArray[np.int64]
"""(pairs, 2): places of pictures that were matched."""


def principal(vectors: Floats, dimension: int) -> LinearMap:
    """(n, d), those of a catalogue -> the map to their leading principal components, centred.

    Babenko, Slesarev, Chigorin & Lempitsky (2014), "Neural codes for image retrieval", 4: codes
    compressed by PCA lose little. Raises ValueError for more dimensions than the vectors have.
    """
    _check(vectors, dimension)
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    _, axes = np.linalg.eigh(centred.T @ centred)
    return LinearMap(mean, np.ascontiguousarray(axes[:, ::-1][:, :dimension]))


def from_matched_pairs(
    vectors: Floats, pairs: Pairs, dimension: int, *, shrinkage: float
) -> LinearMap:
    """The map to the directions that vary much between pictures and little between matched ones.

        S_m = sum over pairs (x_i - x_j)(x_i - x_j)^T / (2 pairs)

    is whitened away, shrunk as in `whitening.Spectrum.scales`, and the directions of most scatter
    are kept. It is the discriminative reduction of neural codes (ibid., 4.2), by the closed form of
    Mikolajczyk & Matas (2007), "Improving descriptors for fast tree matching by optimal linear
    projection". Raises ValueError for no pairs, or for more dimensions than the vectors have.
    """
    _check(vectors, dimension)
    if not len(pairs):
        raise ValueError("no pairs to learn from")
    differences = vectors[pairs[:, 0]] - vectors[pairs[:, 1]]
    within = (differences.T @ differences / (2 * len(pairs))).astype(np.float32)
    spectrum = Spectrum.of(within)
    mean = vectors.mean(axis=0)
    whitening = spectrum.vectors * spectrum.scales(shrinkage)
    leading = discriminative(((vectors - mean) @ whitening).astype(np.float32))
    matrix = whitening @ leading[:, :dimension]
    return LinearMap(mean, matrix.astype(np.float32))


def matched_pairs(classes: Labels, *, seed: int = 0) -> Pairs:
    """(n,) -> pairs of pictures of one class, drawn at random: twice as many as a class has
    pictures, and 60 at most, so that a few large classes do not speak for all."""
    random = np.random.default_rng(seed)
    pairs = [
        tuple(random.choice(members, 2, replace=False))
        for label in np.unique(classes[classes >= 0])
        if len(members := np.flatnonzero(classes == label)) > 1
        for _ in range(min(2 * len(members), _MOST_OF_A_CLASS))
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _check(vectors: Floats, dimension: int) -> None:
    if not 1 <= dimension <= vectors.shape[1]:
        raise ValueError(f"{dimension} dimensions of vectors of {vectors.shape[1]}")
