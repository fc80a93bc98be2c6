"""A second look at the first hits: slower, sharper comparisons, when they are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Protocol

from catalog.errors import PictureMissing
from catalog.products import Products
from catalog.records import ImageRecord
from embedding.errors import PictureError
from embedding.points import VERIFIED, LocalFeatures
from retrieval.errors import QueryInvalid
from retrieval.grouping import Candidate
from retrieval.points import PointFeatures, best_match

Rerank = Literal["points"]

RERANK_DEPTH = 20
MAX_RERANK_DEPTH = 100
"""Of all queries of a search together: hits that may be matched point by point."""
# Of a product that is asked with, as many pictures are matched with each hit.
PICTURES_MATCHED = 2


class Reranker(Protocol):
    @property
    def depth(self) -> int:
        """How many candidates it wants to see, whatever page was asked for."""
        ...

    def rerank(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """The same candidates, the best first, in a better order."""
        ...


class KeepOrder:
    """The order of the index is the answer."""

    depth = 0

    def rerank(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        return candidates


class VerifiedFirst:
    """Of the first `depth` candidates, those that match the query point by point go ahead.

    Spatial verification (Philbin et al. 2007, "Object retrieval with large vocabularies and fast
    spatial matching"): those whose match is verified stand first, the best match leading; all
    others keep the order of the index, for below that limit a match is chance. What lies behind
    `depth` is not looked at, so that pages of one depth join without gaps.
    """

    def __init__(
        self,
        query: Sequence[LocalFeatures],
        features: PointFeatures,
        products: Products,
        depth: int,
    ) -> None:
        """`query`: of one or more pictures."""
        self._query = list(query)
        self._features = features
        self._products = products
        self._depth = depth

    @property
    def depth(self) -> int:
        return self._depth

    def rerank(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        first = candidates[: self._depth]
        images = self._products.of_images([each.image_id for each in first])
        matched = [
            self._matched(each, images[each.image_id][0]) if each.image_id in images else each
            for each in first
        ]
        verified = [each for each in matched if _score(each) >= VERIFIED]
        others = [each for each in matched if _score(each) < VERIFIED]
        return [*sorted(verified, key=_score, reverse=True), *others, *candidates[self._depth :]]

    def _matched(self, candidate: Candidate, image: ImageRecord) -> Candidate:
        try:
            theirs = self._features.of_kept(image.content_sha256)
        except (PictureMissing, PictureError):
            # Its copy is gone or damaged: one that cannot be matched stays where the index has it,
            # rather than failing everybody's search.
            return candidate
        return replace(candidate, points=best_match(self._query, [theirs]))


def check_rerank(queries: int, rerank: Rerank | None, depth: int) -> None:
    """Raises QueryInvalid where a search of that many queries would match too much."""
    if rerank not in (None, "points"):
        raise QueryInvalid(f"rerank is {rerank!r}; the one way to rerank is 'points'.")
    if not 1 <= depth <= MAX_RERANK_DEPTH:
        raise QueryInvalid(f"rerank_depth is {depth}; it must be 1 to {MAX_RERANK_DEPTH}.")
    if rerank is not None and queries * depth > MAX_RERANK_DEPTH:
        raise QueryInvalid(
            f"{queries} queries of rerank_depth {depth} are {queries * depth} hits to match; at "
            f"most {MAX_RERANK_DEPTH} are matched in a search. Send fewer queries, or a smaller "
            "rerank_depth."
        )


def _score(candidate: Candidate) -> float:
    return 0.0 if candidate.points is None else candidate.points.score
