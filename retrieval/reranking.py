"""A second look at the first hits: the seam for slower, sharper comparisons."""

from collections.abc import Sequence
from typing import Protocol

from retrieval.grouping import Candidate


class Reranker(Protocol):
    def rerank(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """The same candidates in a better order."""
        ...


class KeepOrder:
    """The order of the index is the answer."""

    def rerank(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        return candidates
