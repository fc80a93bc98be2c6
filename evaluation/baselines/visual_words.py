"""Bags of visual words: any number of local descriptors as one vector (Sivic & Zisserman 2003)."""

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from evaluation.baselines.part import Table, Vectoriser, unit

_ITERATIONS = 25
_SEED = 7
# Fewer descriptors than this for each word do not show where words should lie.
_LEAST_PER_WORD = 8
_MOST_PER_WORD = 512


def fit_words(gallery: Sequence[Table], words: int) -> Vectoriser:
    """Learns a vocabulary of up to `words` words, and how much each tells, from a gallery's tables.

    Words are the centres of k-means over all rows. A picture's vector is tf-idf: the share of its
    rows nearest to each word, times log(N / n_i), of N pictures and n_i that have the word ("Video
    Google: A Text Retrieval Approach to Object Matching in Videos"). Where rows are few, so are
    words.
    """
    rows = np.concatenate(gallery)
    count = max(1, min(words, len(rows) // _LEAST_PER_WORD))
    centres = _centres(rows, count)
    frequencies = _frequencies(gallery, centres)
    having = (frequencies > 0.0).sum(axis=0)
    telling = np.log(len(gallery) / np.maximum(having, 1)).astype(np.float32)
    return lambda tables: unit(_frequencies(tables, centres) * telling)


def _centres(rows: Table, count: int) -> NDArray[np.float32]:
    if not len(rows):
        return np.zeros((1, rows.shape[1]), np.float32)
    means = faiss.Kmeans(
        rows.shape[1],
        count,
        niter=_ITERATIONS,
        seed=_SEED,
        min_points_per_centroid=1,
        max_points_per_centroid=_MOST_PER_WORD,
    )
    means.train(np.ascontiguousarray(rows))
    return np.asarray(means.centroids, dtype=np.float32)


def _frequencies(tables: Sequence[Table], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """(pictures, words): the share of a picture's rows at each word; zero without rows."""
    lengths = np.array([len(each) for each in tables])
    owners = np.repeat(np.arange(len(tables)), lengths)
    _, nearest = faiss.knn(np.ascontiguousarray(np.concatenate(tables)), centres, 1)
    counts = np.zeros((len(tables), len(centres)), dtype=np.float32)
    np.add.at(counts, (owners, nearest[:, 0]), 1.0)
    shares: NDArray[np.float32] = counts / np.maximum(lengths, 1)[:, np.newaxis].astype(np.float32)
    return shares
