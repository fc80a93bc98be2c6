"""Looking through the codes of the clusters nearest to a query."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from vector_index.projection import inner_products
from vector_index.selections import Selection
from vector_index.threads import one_openmp_thread


def affinity(centroids: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner products with the centroids (k, width), float32 (k,)."""
    scores = np.empty(len(centroids), np.float32)
    inner_products(centroids, query, scores)
    return scores


def highest(
    scores: NDArray[np.float32], clusters: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Those `count` of the clusters that are most similar to the query, in no order."""
    if count == len(clusters):
        return clusters
    chosen: NDArray[np.int64] = np.argpartition(scores[clusters], -count)[-count:]
    return clusters[chosen]


def scanned(
    lists: Any,
    query: NDArray[np.float32],
    fetch: int,
    clusters: NDArray[np.int64],
    chosen: Selection | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best `fetch` places by code, the best first, with their scores; fewer if there are.

    query: float32 (width,), see `Projection.of_query`; chosen: None for every place.
    """
    # Parameters go with the call: the lists are shared between threads.
    parameters = faiss.SearchParametersIVF()
    parameters.nprobe = len(clusters)
    if chosen is not None:
        parameters.sel = chosen.faiss_selector
    places = np.empty(fetch, np.int64)
    scores = np.empty(fetch, np.float32)
    unused = np.zeros(len(clusters), np.float32)
    with one_openmp_thread():
        lists.search_preassigned_c(
            1,
            faiss.swig_ptr(query),
            fetch,
            faiss.swig_ptr(clusters),
            faiss.swig_ptr(unused),
            faiss.swig_ptr(scores),
            faiss.swig_ptr(places),
            False,
            parameters,
        )
    met = int(np.searchsorted(places < 0, True))
    return places[:met], scores[:met]
