"""OASIS: a bilinear similarity learnt online, judgement by judgement.

Chechik, Sharma, Shalit & Bengio (2010), "Large Scale Online Learning of Image Similarity Through
Ranking", JMLR 11. Of a query q, a picture p that is closer and one n that is farther,

    S_W(q, x) = q^T W x,      loss = max(0, margin - S_W(q, p) + S_W(q, n))
    W <- W + t q (p - n)^T,   t = min(C, loss / ||q (p - n)^T||_F^2)

which is the passive-aggressive step of Crammer et al. (2006): W moves as little as meets the
judgement, and no further than C allows, since judgements may be wrong. It begins at the identity,
the similarity that the model has.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from training.linear.basis import MOST_DIRECTIONS, principal_directions
from training.linear.vectors import mapped

Floats = NDArray[np.float32]
Triplets = NDArray[np.float32]
"""(judgements, 3, d): unit vectors of query, closer and farther."""

MARGIN = 0.3
"""A lead on the scale of cosines. The paper's 1 is of vectors that are not of unit length; it was
tried, and finds as much with a C three times as large."""


@dataclass(frozen=True)
class Oasis:
    """W = I + P M P^T. `directions`: P, float32 (d, k), orthonormal; `moved`: M, (k, k).

    Learning moves nothing across P: what judged pictures never differed in counts as before. With
    all directions it is the algorithm as published.
    """

    directions: Floats
    moved: Floats
    aggressiveness: float

    @classmethod
    def begun(cls, length: int, aggressiveness: float) -> "Oasis":
        """Of vectors of `length`, before any judgement."""
        return cls(np.zeros((length, 0), np.float32), np.zeros((0, 0), np.float32), aggressiveness)

    def extended(self, vectors: Floats, *, most: int = MOST_DIRECTIONS) -> "Oasis":
        """With the directions in which (n, d) vectors differ outside of those it has."""
        have = self.directions.shape[1]
        if have >= most:
            return self
        outside: Floats = (vectors - (vectors @ self.directions) @ self.directions.T).astype(
            np.float32
        )
        if float(np.abs(outside).max(initial=0.0)) < 1e-6:
            return self
        found = (
            principal_directions(outside, most=most - have)
            if have or (vectors.shape[1] > most)
            else np.eye(vectors.shape[1], dtype=np.float32)
        )
        # Rounding leaves a little of the old directions in the new ones.
        found = found - self.directions @ (self.directions.T @ found)
        axes, values, _ = np.linalg.svd(found, full_matrices=False)
        directions = np.concatenate([self.directions, axes[:, values > 1e-3]], axis=1)
        moved = np.zeros((directions.shape[1],) * 2, dtype=np.float32)
        moved[:have, :have] = self.moved
        return replace(self, directions=directions.astype(np.float32), moved=moved)

    def taught(self, triplets: Triplets) -> "Oasis":
        """After one step for each judgement, in their order."""
        moved = self.moved.copy()
        queries = triplets[:, 0]
        leads = triplets[:, 1] - triplets[:, 2]
        fixed = np.einsum("nd,nd->n", queries, leads)
        along, across = queries @ self.directions, leads @ self.directions
        lengths = (along**2).sum(axis=1) * (across**2).sum(axis=1)
        for query, lead, similarity, length in zip(along, across, fixed, lengths, strict=True):
            loss = MARGIN - similarity - query @ moved @ lead
            if loss > 0.0 and length > 0.0:
                moved += np.outer(min(self.aggressiveness, loss / length) * query, lead)
        return replace(self, moved=moved)

    def head(self) -> LinearMap:
        """L with L L^T the projection of W onto the symmetric positive semidefinite matrices:
        (W + W^T) / 2 with its negative eigenvalues at 0 (Higham 1988). As a linear head it gives
        cosines, q^T W x through the lengths of L^T q and L^T x.
        """
        length, count = self.directions.shape
        symmetric = np.eye(count, dtype=np.float32) + (self.moved + self.moved.T) / 2
        values, axes = np.linalg.eigh(symmetric)
        root = (axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T
        change = self.directions @ (root - np.eye(count)) @ self.directions.T
        matrix = np.eye(length) + change
        return LinearMap(np.zeros(length, np.float32), matrix.astype(np.float32))


def met(head: LinearMap | None, triplets: Triplets) -> NDArray[np.float64]:
    """(judgements,): 1.0 where the closer picture has the higher cosine to the query, else 0.0;
    None is the model as it is. Equal ones are not met."""
    if head is None:
        queries, closer, farther = np.moveaxis(triplets, 1, 0)
    else:
        queries, closer, farther = (mapped(head, each) for each in np.moveaxis(triplets, 1, 0))
    leads = np.einsum("nd,nd->n", queries, closer - farther)
    return np.asarray(leads > 0.0, dtype=np.float64)
