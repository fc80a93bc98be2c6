"""Which index suits how many vectors."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vector_index.clustered import ClusteredIndex
from vector_index.clustering import clusters_for
from vector_index.exact import ExactIndex

# Up to so many numbers (vectors times dimensions) an exact search takes about a millisecond on one
# core, which is less than decoding the query picture takes. More are searched approximately.
EXACT_UP_TO: Final = 12_000_000

# Fewer vectors than this make too few clusters to leave much out, however long they are.
FEWEST_CLUSTERED: Final = 5_000

AnyIndex = ExactIndex | ClusteredIndex


def build_index(
    ids: NDArray[np.int64],
    vectors: NDArray[np.float32],
    *,
    exact_up_to: int = EXACT_UP_TO,
    fewest_clustered: int = FEWEST_CLUSTERED,
) -> AnyIndex:
    """An index of `vectors`: exact while that is fast, else clustered, if that finds enough.

    ids: int64 (n,), distinct, not negative, any order; vectors: float32 (n, dimension) of unit
    length; n may be 0. Vectors without neighbourhoods, of which clusters would miss too many
    unless nearly all were looked into, get an exact index however many they are.
    Raises ValueError for anything else.
    """
    if vectors.size > exact_up_to and len(ids) >= fewest_clustered:
        clusters = clusters_for(len(ids))
        clustered = ClusteredIndex.build(ids, vectors, clusters)
        if clustered.plan.is_worthwhile(clusters):
            return clustered
    return ExactIndex.build(ids, vectors)
