"""Dividing vectors into clusters, and arranging their codes by cluster."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.projection import Projection

# Of each cluster-to-be: a sample that grows with the clusters, not with the vectors.
_SAMPLE_PER_CLUSTER: Final = 40
_ITERATIONS: Final = 8
_ROWS_AT_ONCE: Final = 65_536

# Not QT_8bit_direct_signed, which is scanned twice as fast: it rounds the query to integers.
CODE: Final = faiss.ScalarQuantizer.QT_8bit_uniform

# The least value and the range that FAISS divides by 255 make code c stand for c - 128.
_CODE_RANGE: Final = np.array([-128.5, 255.0], np.float32)


def clusters_for(count: int) -> int:
    """How many clusters suit `count` vectors: the power of two nearest to 2.5 times the root.

    A search scores every centroid, then the vectors of a few clusters: more clusters make the
    first part longer and the second shorter. Building takes longer with more, too.
    """
    return int(2 ** max(0, round(math.log2(2.5 * math.sqrt(max(count, 1))))))


def centroids_of(
    vectors: NDArray[np.float32], projection: Projection, clusters: int, *, seed: int
) -> NDArray[np.float32]:
    """Unit centroids float32 (clusters, width) of a sample drawn from `seed` (k-means).

    vectors: float32 (n, dimension), unit length, n >= clusters.
    """
    size = min(len(vectors), clusters * _SAMPLE_PER_CLUSTER)
    sample = np.sort(np.random.default_rng(seed).choice(len(vectors), size, replace=False))
    training = faiss.Kmeans(
        projection.width,
        clusters,
        niter=_ITERATIONS,
        seed=seed,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=_SAMPLE_PER_CLUSTER,
    )
    training.train(projection.components(vectors[sample]))
    return np.asarray(training.centroids, np.float32)


def nearest_centroids(
    vectors: NDArray[np.float32], projection: Projection, centroids: NDArray[np.float32]
) -> NDArray[np.int32]:
    """The cluster of each vector, int32 (n,): that of the centroid it is most similar to."""
    cluster_of = np.empty(len(vectors), np.int32)
    for part in _parts(len(vectors)):
        components = projection.components(vectors[part])
        _, nearest = faiss.knn(components, centroids, 1, metric=faiss.METRIC_INNER_PRODUCT)
        cluster_of[part] = nearest[:, 0]
    return cluster_of


def coded(
    rows: NDArray[np.float16],
    projection: Projection,
    centroids: NDArray[np.float32],
    cluster_of: NDArray[np.int32],
) -> Any:
    """FAISS' inverted lists of the codes of `rows`, whose places are the entries, ascending.

    rows: float16 (n, dimension); centroids: float32 (k, width), in steps of the codes, so
    that one projected query is compared with both; cluster_of: int32 (n,).
    """
    codes = np.empty((len(rows), projection.width), np.uint8)
    for part in _parts(len(rows)):
        codes[part] = projection.codes(projection.components(rows[part].astype(np.float32)))
    coarse = faiss.IndexFlatIP(projection.width)
    coarse.add(centroids)
    lists: Any = faiss.IndexIVFScalarQuantizer(
        coarse,
        projection.width,
        len(centroids),
        CODE,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    faiss.copy_array_to_vector(_CODE_RANGE, lists.sq.trained)
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
    return lists


def _parts(count: int) -> Iterator[slice]:
    """Bounds what is projected at a time."""
    for start in range(0, count, _ROWS_AT_ONCE):
        yield slice(start, start + _ROWS_AT_ONCE)


def coarse_centroids(lists: Any) -> NDArray[np.float32]:
    """float32 (k, width), in steps of the codes: the memory of FAISS, valid while `lists` live."""
    coarse: Any = faiss.downcast_index(lists.quantizer)
    centroids: NDArray[np.float32] = faiss.rev_swig_ptr(coarse.get_xb(), lists.nlist * lists.d)
    return centroids.reshape(lists.nlist, lists.d)


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
