"""Dividing vectors into clusters, and arranging them by cluster as eight-bit codes."""

import math
from itertools import pairwise
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

# Of each cluster-to-be: a sample that grows with the clusters, not with the vectors.
_SAMPLE_PER_CLUSTER: Final = 40
_ITERATIONS: Final = 8
_ROWS_AT_ONCE: Final = 65_536


def clusters_for(count: int) -> int:
    """How many clusters suit `count` vectors: the power of two nearest to 2.5 times the root.

    A search scores every centroid, then the vectors of a few clusters: more clusters make the
    first part longer and the second shorter. Building takes longer with more, too.
    """
    return int(2 ** max(0, round(math.log2(2.5 * math.sqrt(max(count, 1))))))


def centroids_of(vectors: NDArray[np.float32], clusters: int, *, seed: int) -> NDArray[np.float32]:
    """Unit centroids float32 (clusters, dimension) of a sample drawn from `seed` (k-means).

    vectors: float32 (n, dimension), unit length, n >= clusters.
    """
    size = min(len(vectors), clusters * _SAMPLE_PER_CLUSTER)
    sample = np.sort(np.random.default_rng(seed).choice(len(vectors), size, replace=False))
    training = faiss.Kmeans(
        vectors.shape[1],
        clusters,
        niter=_ITERATIONS,
        seed=seed,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=_SAMPLE_PER_CLUSTER,
    )
    training.train(vectors[sample])
    return np.asarray(training.centroids, np.float32)


def nearest_centroids(
    vectors: NDArray[np.float32], centroids: NDArray[np.float32]
) -> NDArray[np.int32]:
    """The cluster of each vector, int32 (n,): that of the centroid it is most similar to."""
    cluster_of = np.empty(len(vectors), np.int32)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        _, nearest = faiss.knn(vectors[rows], centroids, 1, metric=faiss.METRIC_INNER_PRODUCT)
        cluster_of[rows] = nearest[:, 0]
    return cluster_of


def coded(
    rows: NDArray[np.float16], centroids: NDArray[np.float32], cluster_of: NDArray[np.int32]
) -> tuple[Any, float]:
    """FAISS' inverted lists of eight-bit codes, and how far a code is from its vector at most.

    rows: float16 (n, dimension); cluster_of: int32 (n,). Each dimension is divided evenly between
    its least and its greatest value; the entries of the lists are places in `rows`, ascending.
    The distance is Euclidean, so no inner product with a unit vector is further off than that.
    """
    dimension = rows.shape[1]
    quantiser = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    # Two vectors at the ends of every range: FAISS takes the range of what it is trained with.
    quantiser.train(np.stack([rows.min(axis=0), rows.max(axis=0)]).astype(np.float32))
    codes = np.empty((len(rows), dimension), np.uint8)
    furthest = 0.0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        vectors = rows[part].astype(np.float32)
        codes[part] = quantiser.sa_encode(vectors)
        vectors -= quantiser.sa_decode(codes[part])
        furthest = max(furthest, float(np.einsum("ij,ij->i", vectors, vectors).max()))
    coarse = faiss.IndexFlatIP(dimension)
    coarse.add(centroids)
    lists: Any = faiss.IndexIVFScalarQuantizer(
        coarse,
        dimension,
        len(centroids),
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    lists.sq = quantiser.sq
    lists.is_trained = True
    order = np.argsort(cluster_of, kind="stable")
    starts = np.searchsorted(cluster_of[order], np.arange(len(centroids) + 1))
    for cluster, (start, end) in enumerate(pairwise(starts.tolist())):
        if end > start:
            # One call a list: FAISS then allocates no more than the list takes.
            places, packed_codes = order[start:end], codes[order[start:end]]
            lists.invlists.add_entries(
                cluster, len(places), faiss.swig_ptr(places), faiss.swig_ptr(packed_codes)
            )
    lists.ntotal = len(rows)
    return lists, math.sqrt(furthest)


def cluster_of_places(lists: Any) -> NDArray[np.int32]:
    """The inverse of the lists: the cluster of each place, int32 (n,).

    Raises ValueError unless every place from 0 to n - 1 stands in exactly one list.
    """
    cluster_of = np.full(lists.ntotal, -1, np.int32)
    entries = 0
    for cluster in range(lists.nlist):
        size = lists.invlists.list_size(cluster)
        if size:
            places = faiss.rev_swig_ptr(lists.invlists.get_ids(cluster), size)
            if places.min() < 0 or places.max() >= lists.ntotal:
                raise ValueError(f"cluster {cluster} names a place that is not there")
            cluster_of[places] = cluster
            entries += size
    if entries != lists.ntotal or (cluster_of < 0).any():
        raise ValueError("its clusters do not hold every vector once")
    return cluster_of
